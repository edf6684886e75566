import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Seed } from './seeds.js';
import type { FuzzTarget } from './targets.js';

/** The engine compiles what runs often for some rounds, and its code is on the heap too. */
const warmRounds = 40;
const roundsMeasured = 100;
/** Compiled code and inline caches of the engine come and go by some tens of kilobytes. */
export const growthBytesMax = 512 * 1024;

/** By how much the heap grows while the same decoders take all inputs over and over. */
export function heapGrowth(targets: readonly FuzzTarget[], seeds: readonly Seed[]): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const decoders = targets.map(({ decoder }) => decoder());
  const pushAll = (): void => {
    for (const { target, bytes } of seeds) decoders[target % decoders.length]!.push(bytes);
  };
  const heldBytes = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  for (let round = 0; round < warmRounds; round += 1) pushAll();
  const before = heldBytes();
  for (let round = 0; round < roundsMeasured; round += 1) pushAll();
  return heldBytes() - before;
}
