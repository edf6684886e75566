import { describe, expect, test } from '@jest/globals';
import type { Point } from '../src/index.js';
import { commit, history, kinds, reading, readings, START_MS, stored, storeOn } from './stores.js';

describe.each(kinds)('the store on %s', (kind) => {
  const { store, reopen } = storeOn(kind);

  test('has no cursors and no history at first', async () => {
    expect(await store().readCursors()).toEqual({ outcome: 'found', value: [] });
    const { atMs, cut } = await history(store(), { meter: 'nobody' });
    expect({ atMs, cut }).toEqual({ atMs: [], cut: false });
  });

  test('gives back every field with its exact value', async () => {
    const exact = reading('exact', 1, {
      powerW: -1234.5678,
      powerFactor: 0.1 + 0.2,
      energyExportWh: Number.MAX_SAFE_INTEGER,
      heatJ: 0,
      epoch: 'quote " comma , blank = back\\slash',
    });
    await commit(store(), [exact]);
    expect(await stored(store(), 'exact')).toEqual([exact]);
  });

  test('keeps a point once, however often it is written', async () => {
    const points = readings('again', 1, 1_201);
    await commit(store(), points);
    await commit(store(), points.slice(300));
    await commit(store(), [...points].reverse());
    expect(await stored(store(), 'again')).toEqual(points);
    const { last } = await history(store(), {
      meter: 'again',
      quantity: 'energyImportWh',
      resolutionS: 300,
    });
    expect(last).toEqual([1_000_299, 1_000_599, 1_000_899, 1_001_199, 1_001_200]);
  });

  test('leaves unknown values out instead of storing a zero', async () => {
    const point = reading('gaps', 1, { powerW: NaN, voltageL1V: undefined, heatJ: null });
    await commit(store(), [point]);
    const [only] = await stored(store(), 'gaps');
    expect(Object.keys(only!.fields).sort()).toEqual([
      'energyImportWh',
      'epoch',
      'receivedMs',
      'seq',
    ]);
  });

  test('rejects what breaks the schema, with the reason, and commits the rest', async () => {
    const good = readings('mixed', 1, 10);
    const bad = [
      reading('mixed', 20, { powerW: 'much' }),
      reading('mixed', 21, { energyImportWh: 1.5 }),
      reading('mixed', 22, { powerW: Infinity }),
      reading('mixed', 23, { pressurePa: 1 }),
      { ...reading('mixed', 24), atMs: NaN },
      { ...reading('mixed', 24), atMs: Date.UTC(9999, 11, 31) },
      { ...reading('mixed', 25), tags: { meter: 'two\nlines' } },
    ];
    const points = [...bad.slice(0, 3), ...good, ...bad.slice(3)];
    const cursors = [{ meter: 'mixed', epoch: 'e1', seq: 25 }];
    const outcome = await store().write({ points, cursors });
    if (outcome.outcome !== 'committed') throw new Error(outcome.reason);
    expect(outcome.rejected.map(({ point }) => point)).toEqual(bad);
    expect(outcome.rejected.map(({ reason }) => reason)).toEqual([
      'powerW: expected float, received string much',
      'energyImportWh: expected integer, received number 1.5',
      'powerW: expected float, received number Infinity',
      'pressurePa: no field of reading',
      'time is no instant between 1970 and 2262: NaN ms',
      'time is no instant between 1970 and 2262: 253402214400000 ms',
      "meter: not a tag's value",
    ]);
    expect(await stored(store(), 'mixed')).toEqual(good);
  });

  test('moves no cursor past a rejected point that could not be put aside', async () => {
    const batch = {
      points: [reading('aside', 1), reading('aside', 2, { powerW: 'much' })],
      cursors: [{ meter: 'aside', epoch: 'e1', seq: 2 }],
    };
    const full = await store().write(batch, () => Promise.reject(new Error('disk full')));
    expect(full).toEqual({ outcome: 'retry', reason: 'cannot put points aside: disk full' });
    const before = await store().readCursors();
    expect(before).not.toMatchObject({ value: expect.arrayContaining(batch.cursors) });
    const aside: Point[] = [];
    const outcome = await store().write(batch, async (rejected) => {
      aside.push(...rejected.map(({ point }) => point));
    });
    expect(outcome).toMatchObject({ outcome: 'committed' });
    expect(aside).toEqual([batch.points[1]]);
    const after = await store().readCursors();
    expect(after).toMatchObject({ value: expect.arrayContaining(batch.cursors) });
  });

  test('keeps cursors with the data, over a restart of the program', async () => {
    const cursors = [
      { meter: 'exact', epoch: 'e1', seq: 1 },
      { meter: 'again', epoch: 'e7', seq: 70_000 },
    ];
    await store().write({ points: [], cursors: [{ ...cursors[1]!, seq: 60_000 }] });
    await store().write({ points: readings('again', 1, 3), cursors });
    await store().close();
    reopen();
    const found = await store().readCursors();
    if (found.outcome !== 'found') throw new Error(found.reason);
    expect(found.value).toEqual(expect.arrayContaining(cursors));
  });

  test('makes a lost cursor anew from the readings, never beyond them', async () => {
    await commit(store(), readings('lost', 1, 6_001));
    const found = await store().readCursors();
    if (found.outcome !== 'found') throw new Error(found.reason);
    const cursor = found.value.find(({ meter }) => meter === 'lost')!;
    expect(cursor.epoch).toBe('e1');
    expect(cursor.seq).toBeGreaterThanOrEqual(1_000);
    expect(cursor.seq).toBeLessThanOrEqual(6_000);
  });

  test('stores results of analysis by their tags and time', async () => {
    const tags = { meter: 'main', medium: 'electricity', role: 'grid' };
    const quarter = (importWh: number): Point => ({
      measurement: 'quarter',
      tags,
      fields: { importWh, exportWh: 0, estimated: false },
      atMs: START_MS,
    });
    const text = 'a "quoted" text, of two\nlines with it\'s = and \\ in it';
    const event: Point = {
      measurement: 'event',
      tags: { meter: 'main', kind: 'outage' },
      fields: { detail: text, durationS: 301 },
      atMs: START_MS + 5,
    };
    await commit(store(), [quarter(1), event]);
    await commit(store(), [quarter(203)]);
    const range = { tags: { meter: 'main' }, fromMs: 0, toMs: START_MS * 2, limit: 10 };
    const quarters = await store().points({ ...range, measurement: 'quarter' });
    expect(quarters).toEqual({ outcome: 'found', value: [quarter(203)] });
    const events = await store().points({ ...range, measurement: 'event' });
    expect(events).toEqual({ outcome: 'found', value: [event] });
  });

  test('erases results of a range and of some tags, and nothing else', async () => {
    const day = (meter: string, atMs: number): Point => ({
      measurement: 'day',
      tags: { meter, medium: 'electricity', role: 'grid' },
      fields: { importWh: 1, date: '2026-03-01', closed: true },
      atMs,
    });
    const [first, second, third] = [1, 2, 3].map((n) => day("o'erased", START_MS + n));
    await commit(store(), [first!, second!, third!, day('kept', START_MS + 2)]);
    const range = { fromMs: START_MS + 2, toMs: START_MS + 3 };
    const query = { measurements: ['quarter', 'day'] as const, tags: { meter: "o'erased" } };
    expect(await store().erase({ ...query, ...range })).toEqual({ outcome: 'found', value: null });
    const all = { measurement: 'day' as const, fromMs: START_MS, toMs: START_MS * 2, limit: 10 };
    const left = await store().points({ ...all, tags: { meter: "o'erased" } });
    expect(left).toEqual({ outcome: 'found', value: [first, third] });
    expect(await store().points({ ...all, tags: { meter: 'kept' } })).toMatchObject({
      value: [day('kept', START_MS + 2)],
    });
  });

  test('keeps readings that no journal holds, and makes no cursor of them', async () => {
    const imported = [1, 2, 3].map((n) => {
      const { seq, epoch, receivedMs, ...fields } = reading('imported', n).fields;
      expect([seq, epoch, receivedMs]).not.toContain(undefined);
      return { ...reading('imported', n), fields };
    });
    await commit(store(), imported);
    expect(await stored(store(), 'imported')).toEqual(imported);
    const found = await store().readCursors();
    if (found.outcome !== 'found') throw new Error(found.reason);
    expect(found.value.map(({ meter }) => meter)).not.toContain('imported');
  });
});
