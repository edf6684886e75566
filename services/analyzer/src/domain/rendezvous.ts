/** Meters are shared out in so many parts, so that ownership is compared and moved cheaply. */
export const PARTITIONS = 64;

export const partitionOf = (name: string): number => hash32(name) % PARTITIONS;

/**
 * The replica to which each partition belongs: the one with the highest weight (rendezvous
 * hashing). When a replica comes or goes, only partitions that it gains or had move.
 */
export function ownersOf(replicas: readonly string[]): readonly string[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => ownerOf(partition, replicas));
}

function ownerOf(partition: number, replicas: readonly string[]): string {
  let owner = '';
  let weightMax = -1;
  for (const replica of replicas) {
    const weight = hash32(`${partition}|${replica}`);
    if (weight > weightMax || (weight === weightMax && replica < owner)) {
      owner = replica;
      weightMax = weight;
    }
  }
  return owner;
}

/** FNV-1a with the finaliser of MurmurHash3: FNV alone is badly skewed for such short names. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
