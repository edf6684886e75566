/**
 * A draw in [0, 1) and the next state, from a 32-bit state (mulberry32): chance that repeats from
 * its seed, for simulation and tests. Not for secrets.
 */
export function draw(state: number): { value: number; state: number } {
  const next = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, state: next };
}

/** The same as a function that keeps its state. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    const drawn = draw(state);
    state = drawn.state;
    return drawn.value;
  };
}
