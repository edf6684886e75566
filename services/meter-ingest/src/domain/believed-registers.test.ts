import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import fc from 'fast-check';
import { believe, nothingBelieved } from './believed-registers.js';

const START_MS = Date.UTC(2026, 0, 10);

const readingOf = (seconds: number, more: Partial<Reading>): Reading => ({
  v: 1,
  epoch: 'e',
  seq: seconds + 1,
  meter: 'main',
  medium: 'electricity',
  role: 'grid',
  at: new Date(START_MS + seconds * 1_000).toISOString(),
  receivedAt: new Date(START_MS + seconds * 1_000).toISOString(),
  atSource: 'meter',
  quality: 'unchecked',
  ...more,
});

/** In their order: events by kind, then the value that is said; a reading a second. */
function said(readings: readonly Partial<Reading>[]): readonly (string | number | undefined)[] {
  let known = nothingBelieved;
  return readings.flatMap((more, second) => {
    const step = believe(known, readingOf(second, more));
    known = step.known;
    return [...step.events.map(({ kind }) => kind), step.measured.energyImportWh];
  });
}
const imports = (...values: readonly number[]) =>
  said(values.map((energyImportWh) => ({ energyImportWh })));

test('a fall is said when three readings agree, behind its event', () => {
  expect(imports(5_000, 5_001, 7, 8, 9, 10)).toEqual([
    5_000,
    5_001,
    5_001,
    5_001,
    'replaced',
    9,
    10,
  ]);
});

test('a glitch is never said, neither down nor up', () => {
  expect(imports(5_000, 7, 5_001, 7, 8, 5_002)).toEqual([5_000, 5_000, 5_001, 5_001, 5_001, 5_002]);
  expect(imports(5_000, 900_000, 5_001)).toEqual([5_000, 5_000, 5_001]);
});

test('a register that jitters stays where it was, and a full display falls at once', () => {
  expect(imports(5_000, 4_999, 5_000, 5_001)).toEqual([5_000, 5_000, 5_000, 5_001]);
  expect(imports(99_999_999, 2)).toEqual([99_999_999, 'rollover', 2]);
});

test('another serial number is another meter at once; its event is told elsewhere', () => {
  const readings = [
    { meterId: 'A', energyImportWh: 5_000 },
    { energyImportWh: 5_001 },
    { meterId: 'B', energyImportWh: 7 },
  ];
  expect(said(readings)).toEqual([5_000, 5_001, 7]);
});

test('several registers that fall are one event, and what is no register stays as it is', () => {
  const before = { energyImportWh: 5_000, energyImportTariff1Wh: 4_000, powerW: 300 };
  const after = { energyImportWh: 7, energyImportTariff1Wh: 6, powerW: -20 };
  let known = nothingBelieved;
  const steps = [before, before, after, after, after].map((more, i) => {
    const rising = 'energyImportWh' in more ? { energyImportWh: more.energyImportWh + i } : {};
    const tariff = { energyImportTariff1Wh: more.energyImportTariff1Wh + i };
    const step = believe(known, readingOf(i, { ...more, ...rising, ...tariff }));
    known = step.known;
    return step;
  });
  expect(steps[2]!.measured).toMatchObject({ energyImportWh: 5_001, powerW: -20 });
  expect(steps.flatMap(({ events }) => events)).toEqual([
    {
      v: 1,
      meter: 'main',
      at: new Date(START_MS + 4_000).toISOString(),
      kind: 'replaced',
      detail:
        'meter-exchange of energyImportWh, from 5001 to 9; ' +
        'meter-exchange of energyImportTariff1Wh, from 4001 to 8',
    },
  ]);
});

test('never falls without an event, whatever the meter says', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2e8 }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), (values) => {
      const outputs = imports(...values);
      outputs.forEach((output, i) => {
        const before = outputs[i - 1];
        const isFall = typeof output === 'number' && typeof before === 'number' && output < before;
        expect(isFall).toBe(false);
      });
    }),
    { numRuns: 1_000 },
  );
});
