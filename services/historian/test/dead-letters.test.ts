import { expect, test } from '@jest/globals';
import { Bus, Condition, Counters, Log, type ServiceContext } from '@wattbus/nest-mqtt';
import { MemoryDisk, testConfig, withEachFault } from '@wattbus/testing';
import type { RejectedPoint } from '@wattbus/time-series';
import { join } from 'node:path';
import { DEAD_LETTER_BYTES_MAX, DeadLetters } from '../src/dead-letters.js';

const config = testConfig({ logLevel: 'fatal' });
const directory = join(config.dataDir, 'historian');
const path = join(directory, 'dead-letters.jsonl');

/** A bus that is never started: what is published on it is refused, as while the broker is away. */
function context(): ServiceContext {
  const [log, counters] = [new Log('historian', 'silent'), new Counters()];
  const bus = new Bus({ url: 'mqtt://127.0.0.1:1', clientId: 'x', root: 'energy' }, log, counters);
  const identity = { service: 'historian', instance: 'h1', version: '0' } as const;
  return { identity, config, bus, log, counters, condition: new Condition() };
}

const rejected = (n: number, reason = `reason ${n}`): RejectedPoint => ({
  point: { measurement: 'reading', tags: { meter: 'main' }, fields: { seq: n }, atMs: n },
  reason,
});

/** Numbers of the letters on the disk; lines that a kill has cut off are none. */
function lettersOn(disk: MemoryDisk): number[] {
  const files = [`${path}.1`, path].map((one) => disk.stored.get(one)?.content.toString() ?? '');
  return files
    .join('')
    .split('\n')
    .flatMap((line) => {
      try {
        return [(JSON.parse(line) as { point: { atMs: number } }).point.atMs];
      } catch {
        return [];
      }
    });
}

test('no letter is lost or written twice, whichever call of the disk fails or is its last', async () => {
  const met = await withEachFault(async ({ disk, what, isPowerCut, end }) => {
    const put: number[] = [];
    const refused: number[] = [];
    for (let n = 1; n <= 6; n += 1) {
      // As after a start: nothing is remembered.
      const letters = new DeadLetters(context(), disk);
      const isPut = await letters.put([rejected(n)]).then(
        () => true,
        () => false,
      );
      (isPut ? put : refused).push(n);
    }
    end();
    const found = lettersOn(disk);
    expect([what, found.filter((n) => put.includes(n))]).toEqual([what, put]);
    // Only where nothing more could be done is one there that was refused.
    if (!isPowerCut) expect([what, found]).toEqual([what, put]);
    expect([what, new Set(found).size]).toEqual([what, found.length]);
    // And the next one stands on a line of its own.
    await new DeadLetters(context(), disk).put([rejected(7)]);
    expect([what, lettersOn(disk).at(-1)]).toEqual([what, 7]);
    expect([what, lettersOn(disk).slice(0, -1)]).toEqual([what, found]);
  });
  expect(met).toBeGreaterThan(100);
});

test('a line that was cut off at any byte spoils neither those before nor the next', async () => {
  const disk = new MemoryDisk();
  await new DeadLetters(context(), disk).put([rejected(1), rejected(2)]);
  const whole = disk.stored.get(path)!.content;
  for (let length = whole.indexOf('\n') + 1; length <= whole.length; length += 1) {
    const cut = new MemoryDisk();
    const content = Buffer.from(whole.subarray(0, length));
    cut.stored.set(path, { content, durable: content, pending: [], isLinked: true });
    await new DeadLetters(context(), cut).put([rejected(3)]);
    expect(lettersOn(cut)).toEqual(length >= whole.length - 1 ? [1, 2, 3] : [1, 3]);
  }
});

test('two files at most are kept, and neither grows beyond its limit for long', async () => {
  const disk = new MemoryDisk();
  const letters = new DeadLetters(context(), disk);
  const long = 'x'.repeat(100_000);
  for (let n = 1; n <= 160; n += 1) await letters.put([rejected(n, long)]);
  expect([...disk.stored.keys()].toSorted()).toEqual([path, `${path}.1`]);
  for (const { content } of disk.stored.values()) {
    expect(content.length).toBeLessThan(DEAD_LETTER_BYTES_MAX + 200_000);
  }
  expect(lettersOn(disk).at(-1)).toBe(160);
});
