import { Buffer } from 'node:buffer';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An input and which of a protocol's targets it is for, counted round where there are fewer. */
export interface Seed {
  readonly target: number;
  readonly bytes: Uint8Array;
}

/**
 * `kept` reach every block that a run reached, and the next run replaces them; `found` once showed
 * something wrong and stay. A line each: the target, a colon, the input in base64.
 */
export type SeedFolder = 'kept' | 'found';

const fileOf = (root: string, folder: SeedFolder, protocol: string): string =>
  join(root, folder, `${protocol}.txt`);

export function readSeeds(root: string, folder: SeedFolder, protocol: string): readonly Seed[] {
  const file = fileOf(root, folder, protocol);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [target, bytes] = line.split(':');
      return { target: Number(target), bytes: Uint8Array.from(Buffer.from(bytes!, 'base64')) };
    });
}

export function writeKept(root: string, protocol: string, seeds: readonly Seed[]): void {
  writeFileSync(fileOf(root, 'kept', protocol), seeds.map(lineOf).join(''));
}

/** Appends a seed with what it showed. */
export function appendFound(root: string, protocol: string, seed: Seed, what: string): void {
  appendFileSync(fileOf(root, 'found', protocol), `# ${what}\n${lineOf(seed)}`);
}

const lineOf = ({ target, bytes }: Seed): string =>
  `${target}:${Buffer.from(bytes).toString('base64')}\n`;
