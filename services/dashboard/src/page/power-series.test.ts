import { expect, test } from '@jest/globals';
import type { HistoryReply } from '@wattbus/mqtt-contract';
import {
  columnsOf,
  emptySeries,
  requested,
  withPower,
  withRange,
  withReply,
  type PowerSeries,
} from './power-series.js';

const MINUTE_MS = 60_000;
const start = Date.parse('2026-03-29T00:00:00Z');
const reply = (id: string, minutes: readonly number[], watts: readonly number[]): HistoryReply => ({
  v: 1,
  id,
  meter: 'main',
  quantity: 'powerW',
  resolutionS: 60,
  cut: false,
  atMs: minutes.map((one) => start + one * MINUTE_MS),
  mean: [...watts],
});
const at = (minute: number): number => start + minute * MINUTE_MS;
const stored = (...args: Parameters<typeof reply>): PowerSeries =>
  withReply(requested(emptySeries, '1'), reply(...args));

test('shows stored means in the middle of their step', () => {
  const columns = columnsOf(stored('1.0.1', [0, 1], [400, -200]), start);
  expect(columns).toEqual({ atMs: [at(0.5), at(1.5)], powerW: [400, -200] });
});

test('adds the meters of one question up', () => {
  const one = stored('1.0.2', [0, 1], [400, 500]);
  const both = withReply(one, reply('1.1.2', [0, 1], [-100, 50]));
  expect(columnsOf(both, start).powerW).toEqual([300, 550]);
});

test('takes no reply to a question that is not the newest', () => {
  const series = stored('1.0.1', [0], [400]);
  expect(withReply(series, reply('0.0.1', [5], [9]))).toBe(series);
});

test('keeps what it shows while a new question is under way', () => {
  const series = requested(stored('1.0.1', [0], [400]), '2');
  expect(columnsOf(series, start).powerW).toEqual([400]);
});

test('grows with each reading and ends at the newest one', () => {
  let series = stored('1.0.1', [0, 1], [400, 410]);
  series = withPower(series, at(2.1), 420);
  expect(columnsOf(series, start).powerW).toEqual([400, 410, 420]);
  series = withPower(series, at(2.5), 440);
  expect(columnsOf(series, start)).toEqual({
    atMs: [at(0.5), at(1.5), at(2.5)],
    powerW: [400, 410, 440],
  });
  series = withPower(series, at(3.2), 500);
  expect(columnsOf(series, start).powerW).toEqual([400, 410, 430, 500]);
});

test('prefers live values to the stored step that was still running', () => {
  let series = withPower(emptySeries, at(1.5), 1_000);
  series = withReply(requested(series, '1'), reply('1.0.1', [0, 1], [400, 700]));
  series = withPower(series, at(2.5), 900);
  expect(columnsOf(series, start).powerW).toEqual([400, 1_000, 900]);
});

test('takes no reading that is older than one it has', () => {
  const series = withPower(emptySeries, at(2), 100);
  expect(withPower(series, at(1), 999)).toBe(series);
});

test('marks missing data as a gap, unless values always come that seldom', () => {
  const gap = columnsOf(stored('1.0.1', [0, 1, 2, 9, 10], [1, 2, 3, 4, 5]), start);
  expect(gap.powerW).toEqual([1, 2, 3, null, 4, 5]);
  const seldom = columnsOf(stored('1.0.1', [0, 15, 30, 45], [1, 2, 3, 4]), start);
  expect(seldom.powerW).toEqual([1, 2, 3, 4]);
});

test('draws no line from one value to another of hours later', () => {
  const early = withPower(emptySeries, at(0), 8_700);
  expect(columnsOf(withPower(early, at(420), 2_000), start).powerW).toEqual([8_700, null, 2_000]);
  const later = withPower(withPower(early, at(420), 2_000), at(421.5), 2_100);
  expect(columnsOf(later, start).powerW).toEqual([8_700, null, 2_000, 2_100]);
});

test('leaves out what is before the time shown', () => {
  const columns = columnsOf(stored('1.0.1', [0, 1, 2], [1, 2, 3]), at(1));
  expect(columns.powerW).toEqual([2, 3]);
});

test('keeps the reason why the historian cannot answer', () => {
  const broken = { ...reply('1.0.1', [], []), error: 'the store is away' };
  expect(withReply(requested(emptySeries, '1'), broken).error).toBe('the store is away');
});

test('starts anew for another range, but ends at the newest reading', () => {
  const series = withRange(withPower(stored('1.0.1', [0], [400]), at(1), 410), 'hour');
  expect(columnsOf(series, start)).toEqual({ atMs: [at(1)], powerW: [410] });
});
