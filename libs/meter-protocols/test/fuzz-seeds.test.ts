import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { growthBytesMax, heapGrowth } from '../fuzz/growth.js';
import { check } from '../fuzz/invariants.js';
import { Random } from '../fuzz/random.js';
import { readSeeds } from '../fuzz/seeds.js';
import { targetsOf } from '../fuzz/targets.js';
import { protocols } from '../src/index.js';

const folder = fileURLToPath(new URL('../fuzz', import.meta.url));

describe.each(protocols.map(({ name }) => name))('%s, with what fuzzing kept', (name) => {
  const targets = targetsOf(name);
  const seeds = [...readSeeds(folder, 'kept', name), ...readSeeds(folder, 'found', name)];

  test('there are seeds', () => {
    expect(seeds.length).toBeGreaterThan(0);
  });

  test('each is survived, however it is cut, and the next good frame is found', () => {
    const random = new Random(1);
    for (const { target, bytes } of seeds) {
      // Seeds are tried on every set of options: an edited sample may have changed their order.
      for (const [index, subject] of targets.entries()) {
        const { finding } = check(subject, bytes, random, 'whole');
        expect({ target, index, input: Buffer.from(bytes).toString('hex'), finding }).toMatchObject(
          { finding: undefined },
        );
      }
    }
  });

  test('the same decoder takes them over and over without growing', () => {
    expect(heapGrowth(targets, seeds)).toBeLessThan(growthBytesMax);
  });
});
