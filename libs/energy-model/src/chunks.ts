import { seededRandom } from './random.js';

/** The bytes in pieces of 1 to `bytesMax`, lengths drawn from a seed, so that a run repeats. */
export function* chunks(bytes: Uint8Array, seed: number, bytesMax = 64): Generator<Uint8Array> {
  const draw = seededRandom(seed);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(draw() * bytesMax);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
