import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { analyse, readingAt } from '../../test/readings.js';
import { MONTH_PEAKS_MAX, raisePeak, statePeak, type MonthPeak } from './month-peaks.js';
import { demandOfQuarterW, meanPowerW, predictDemandW } from './prediction.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const start = Date.parse('2026-06-01T10:00:00Z');

/** Ten-second readings whose power is given for each second since the start. */
function* house(
  fromMs: number,
  toMs: number,
  powerAt: (elapsedMs: number) => number,
): Generator<Reading> {
  let wms = 0;
  for (let ms = fromMs; ms <= toMs; ms += 10 * SECOND_MS) {
    const powerW = powerAt(ms - fromMs);
    yield readingAt(ms, { energyImportWh: 1_000_000 + Math.floor(wms / HOUR_MS), powerW });
    wms += powerW * 10 * SECOND_MS;
  }
}

test('the prediction goes on with the mean power', () => {
  // energy.md §1.6: E = 0.9 kWh at 540 s and P̄ = 5 kW give 5.6 kW; E = 0.3 gives 3.2 kW.
  const at540 = { elapsedMs: 540_000, powerW: 5000 };
  expect(predictDemandW({ ...at540, energyWh: 900 })).toBe(5600);
  expect(predictDemandW({ ...at540, energyWh: 300 })).toBe(3200);
});

test('the mean follows a step of power by 63 % in a minute', () => {
  expect(meanPowerW(0, 1000, 60_000)).toBeCloseTo(1000 * (1 - Math.exp(-1)), 9);
  expect(meanPowerW(meanPowerW(0, 1000, 20_000), 1000, 40_000)).toBeCloseTo(
    meanPowerW(0, 1000, 60_000),
    9,
  );
});

test('the demand of a quarter-hour is its energy times four', () => {
  // energy.md §1.6: 0.8, 0.5 and 0.1 kWh are 3.2, 2.0 and 0.4 kW.
  expect([800, 500, 100].map(demandOfQuarterW)).toEqual([3200, 2000, 400]);
});

test('the running quarter-hour has energy, mean and prediction', () => {
  const { state } = analyse(house(start, start + 9 * MINUTE_MS, () => 6000));
  expect(state.demand?.running).toEqual({
    startMs: start,
    elapsedMs: 540_000,
    energyWh: 900,
    averageW: 6000,
    predictedW: 6000,
    meanPowerW: 6000,
    measured: true,
  });
});

test('export does not lower the demand', () => {
  const readings = [0, 60, 120].map((s) =>
    readingAt(start + s * SECOND_MS, {
      energyImportWh: 1000 + (s > 60 ? 100 : s),
      energyExportWh: s > 60 ? 100 : 0,
      powerW: -3000,
    }),
  );
  const { running } = analyse(readings).state.demand!;
  expect(running).toMatchObject({ energyWh: 100, predictedW: 400 });
});

test('mean power fills in between two values of a slower register', () => {
  const readings = [
    readingAt(start, { energyImportWh: 1000, powerW: 3600 }),
    readingAt(start + 60_000, { energyImportWh: 1060, powerW: 3600 }),
    readingAt(start + 90_000, { powerW: 3600 }),
  ];
  expect(analyse(readings).state.demand?.running).toMatchObject({ energyWh: 90, averageW: 3600 });
  const silent = readingAt(start + 181_000, { powerW: 3600 });
  expect(analyse([...readings, silent]).state.demand?.running).toBeNull();
});

test('a meter without power has the mean of its registers over a minute', () => {
  const readings = Array.from({ length: 13 }, (_, i) =>
    readingAt(start + i * 10 * SECOND_MS, { energyImportWh: 1000 + i * 10 }),
  );
  expect(analyse(readings).state.demand?.power.powerW).toBe(3600);
});

describe('the month’s peak', () => {
  const peaksOf = (readings: Iterable<Reading>): readonly MonthPeak[] =>
    analyse(readings).state.demand!.peaks;

  test('is the highest measured quarter-hour with its start', () => {
    const quarterOf = (elapsedMs: number): number => Math.floor(elapsedMs / (15 * MINUTE_MS));
    const powers = [2000, 7200, 3600];
    const readings = house(start, start + 45 * MINUTE_MS, (ms) => powers[quarterOf(ms)] ?? 0);
    expect(peaksOf(readings)).toEqual([
      { month: '2026-06', peakW: 7200, atMs: start + 15 * MINUTE_MS, source: 'ledger' },
    ]);
  });

  test('is not set by an estimated or a partial quarter-hour', () => {
    const readings = [
      readingAt(start + 5 * MINUTE_MS, { energyImportWh: 0 }),
      readingAt(start + 14 * MINUTE_MS, { energyImportWh: 7000 }),
      readingAt(start + 46 * MINUTE_MS, { energyImportWh: 20_000 }),
      readingAt(start + 60 * MINUTE_MS, { energyImportWh: 20_100 }),
    ];
    expect(peaksOf(readings)).toEqual([]);
  });

  test('is the meter’s own where it has the register, even if it is lower', () => {
    const peakAt = '2026-06-01T10:15:00.000Z';
    const readings = [...house(start, start + 16 * MINUTE_MS, () => 7200)].map((reading) => ({
      ...reading,
      demandImportPeakMonthW: 7000,
      demandImportPeakMonthAt: peakAt,
    }));
    expect(peaksOf(readings)).toEqual([
      { month: '2026-06', peakW: 7000, atMs: Date.parse(peakAt), source: 'meter' },
    ]);
  });

  test('is not the peak that the register still shows of the month before', () => {
    const july = Date.parse('2026-06-30T22:00:00Z');
    const reading = readingAt(
      july + MINUTE_MS,
      { energyImportWh: 0, demandImportPeakMonthW: 9000 },
      { demandImportPeakMonthAt: '2026-06-12T18:30:00+02:00' },
    );
    expect(peaksOf([reading])).toEqual([]);
  });

  test('takes the meter’s running demand for the first quarter-hour, which is not whole', () => {
    const readings = [...house(start + 5 * MINUTE_MS, start + 15 * MINUTE_MS, () => 3600)].map(
      (reading) => ({ ...reading, demandImportW: 4000 }),
    );
    const { demand } = analyse(readings.slice(0, -1)).state;
    expect(demand?.running).toMatchObject({ energyWh: 1000, measured: true });
    expect(peaksOf(readings)).toEqual([
      { month: '2026-06', peakW: 4000, atMs: start, source: 'ledger' },
    ]);
  });

  test('is kept for thirteen months', () => {
    let peaks: readonly MonthPeak[] = [];
    for (let i = 1; i <= 24; i += 1) {
      const month = `20${25 + Math.floor((i - 1) / 12)}-${String(((i - 1) % 12) + 1).padStart(2, '0')}`;
      peaks = raisePeak(peaks, { month, peakW: i, atMs: i, source: 'ledger' });
    }
    expect(peaks).toHaveLength(MONTH_PEAKS_MAX);
    expect(peaks[0]?.month).toBe('2025-12');
    expect(statePeak(peaks, { ...peaks[0]!, source: 'meter' })).toHaveLength(MONTH_PEAKS_MAX);
  });
});
