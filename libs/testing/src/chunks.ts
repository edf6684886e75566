/** The bytes in pieces of 1 to `bytesMax`, lengths drawn from a seed, so that a run repeats. */
export function* chunks(bytes: Uint8Array, seed: number, bytesMax = 64): Generator<Uint8Array> {
  const draw = random(seed);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(draw() * bytesMax);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
