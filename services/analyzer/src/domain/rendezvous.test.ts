import { expect, test } from '@jest/globals';
import { ownersOf, partitionOf, PARTITIONS } from './rendezvous.js';

const replicas = Array.from({ length: 8 }, (_, i) => `replica-${i}`);

test('meters spread over all partitions', () => {
  const counts = new Array<number>(PARTITIONS).fill(0);
  for (let i = 0; i < 6400; i += 1) counts[partitionOf(`meter-${i}`)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(150);
});

test('every replica gets some of the partitions', () => {
  for (const count of [1, 2, 3, 4, 8]) {
    const live = replicas.slice(0, count);
    const owners = ownersOf(live);
    for (const replica of live) {
      expect(owners.filter((owner) => owner === replica).length).toBeGreaterThan(
        PARTITIONS / count / 4,
      );
    }
  }
});

test('all replicas agree, in whatever order they know each other', () => {
  expect(ownersOf([...replicas].reverse())).toEqual(ownersOf(replicas));
});

test('a replica that goes moves only its own partitions', () => {
  const before = ownersOf(replicas);
  const after = ownersOf(replicas.filter((replica) => replica !== 'replica-3'));
  for (const [partition, owner] of before.entries()) {
    if (owner !== 'replica-3') expect(after[partition]).toBe(owner);
    else expect(after[partition]).not.toBe('replica-3');
  }
});
