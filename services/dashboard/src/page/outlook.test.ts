import { expect, test } from '@jest/globals';
import { topics, type ForecastAnalysis } from '@wattbus/mqtt-contract';
import { CURVE_WIDTH, curveOf, hoursShown } from './outlook.js';

const HOUR_MS = 3_600_000;
const startMs = Date.parse('2026-06-01T22:00:00.000Z');
const start = (hour: number): string => new Date(startMs + hour * HOUR_MS).toISOString();
const wh = (meanWh: number) => ({
  ...{ meanWh, typicalWh: meanWh, p50Wh: meanWh },
  p10Wh: meanWh / 2,
  p90Wh: meanWh * 2,
});

/** At ten: eight hours are over with numbers, one was not measured. */
const forecast: ForecastAnalysis = {
  ...(topics.forecastAnalysis.row.sample as ForecastAnalysis),
  today: Array.from({ length: 24 }, (_, i) => ({
    start: start(i),
    expected: wh(300),
    actualWh: i < 8 ? 250 : null,
  })),
  hours: Array.from({ length: 48 }, (_, i) => ({ start: start(10 + i), ...wh(400) })),
};

test('today is shown whole and tomorrow after it, as was said last', () => {
  const hours = hoursShown(forecast);
  expect(hours).toHaveLength(48);
  expect(hours[0]).toMatchObject({ startMs, expected: { meanWh: 300 }, actualWh: 250 });
  expect(hours[9]).toMatchObject({ expected: { meanWh: 300 }, actualWh: null });
  expect(hours[10]).toMatchObject({ expected: { meanWh: 400 } });
  expect(hours.at(-1)!.startMs).toBe(startMs + 47 * HOUR_MS);
});

test('the curve keeps its box, and hours without a number leave a gap', () => {
  const hours = hoursShown(forecast);
  const curve = curveOf(hours, 24);
  expect(curve.topWh).toBe(800);
  expect(curve.midnight).toBe('M240 0V100');
  expect(curve.actual.match(/Z/g)).toHaveLength(8);
  const numbers = [...`${curve.band}${curve.expected}`.matchAll(/-?\d+(\.\d+)?/g)].map(([number]) =>
    Number(number),
  );
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThanOrEqual(CURVE_WIDTH);
  const unknown = hours.map((hour, i) => (i === 3 ? { ...hour, expected: null } : hour));
  expect(curveOf(unknown, 24).expected.match(/M/g)).toHaveLength(2);
});

test('nothing known draws nothing', () => {
  expect(curveOf([], 0)).toMatchObject({ band: '', expected: '', actual: '' });
});
