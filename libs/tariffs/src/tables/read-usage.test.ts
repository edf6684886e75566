import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCalendar } from '../calendar.js';
import { readUsage, type ReadUsage } from './read-usage.js';
import { isRefused, type Read, type Row } from './table.js';

const zone = 'Europe/Brussels';
const calendar = createCalendar(zone);

const rowsOf = (lines: readonly string[], delimiter = ';'): Row[] =>
  lines.map((line, i) => {
    let column = 1;
    const cells = line.split(delimiter).map((text) => {
      const cell = { text, column };
      column += text.length + 1;
      return cell;
    });
    return { line: i + 1, cells };
  });

const options = (from: string, to: string) => ({
  zone,
  startMs: calendar.dayNamed(from)!.startMs,
  endMs: calendar.dayNamed(to)!.startMs,
});

/** Local hours of days, as portals write them. */
function hours(from: string, to: string): string[] {
  const { startMs, endMs } = options(from, to);
  const texts: string[] = [];
  for (let ms = startMs; ms < endMs; ms += 3_600_000) {
    const minute = calendar.minuteOfDay(ms);
    const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:00`;
    texts.push(`${calendar.dayOf(ms).name} ${clock}`);
  }
  return texts;
}

const day = options('2026-03-10', '2026-03-11');
const header = 'time;import_kwh;export_kwh';
const body = hours('2026-03-10', '2026-03-11').map((time, i) => `${time};0,${100 + i};0`);

const read = (lines: readonly string[], by = day): Read<ReadUsage> => readUsage(rowsOf(lines), by);
const faultsOf = (lines: readonly string[], by = day): string[] => {
  const result = read(lines, by);
  return isRefused(result)
    ? result.faults.map(({ line, column, message }) => `${line}:${column}: ${message}`)
    : [];
};

function good(result: Read<ReadUsage>): ReadUsage {
  if (isRefused(result)) throw new Error(JSON.stringify(result.faults));
  return result;
}

const totalOf = ({ slots }: ReadUsage): number =>
  slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);

describe('good tables', () => {
  test('of hours with decimal commas become quarter-hours, to the last Wh', () => {
    const usage = good(read([header, ...body]));
    expect(usage.slots).toHaveLength(96);
    expect(totalOf(usage)).toBe(24 * 100 + (23 * 24) / 2);
  });

  test('have 23 or 25 hours when the clock is changed', () => {
    for (const [from, to, count] of [
      ['2026-03-29', '2026-03-30', 92],
      ['2026-10-25', '2026-10-26', 100],
    ] as const) {
      const lines = hours(from, to).map((time) => `${time};1`);
      expect(good(read(['time;import_kwh', ...lines], options(from, to))).slots).toHaveLength(
        count,
      );
    }
  });

  test('may be longer than the bill: what is before tells past demand', () => {
    const lines = hours('2026-03-08', '2026-03-12').map((time) => `${time};1`);
    const usage = good(read(['Datum;Afname kWh', ...lines]));
    expect(usage.slots).toHaveLength(96);
    expect(usage.before).toHaveLength(192);
  });

  test('may say the unit, be asked for it, or leave it to the size of the values', () => {
    const lines = hours('2026-03-10', '2026-03-11');
    const of = (name: string, value: string): number =>
      totalOf(good(read([`time;${name}`, ...lines.map((time) => `${time};${value}`)])));
    expect(of('import_wh', '50')).toBe(1200);
    expect(of('import_kwh', '50')).toBe(1_200_000);
    expect(of('energyImportWh', '50')).toBe(1200);
    expect(of('import', '0.5')).toBe(12_000);
    expect(of('import', '500')).toBe(12_000);
  });

  test('may have no header', () => {
    const lines = hours('2026-03-10', '2026-03-11').map((time) => `${time};1;0.5`);
    expect(good(read(lines)).slots[0]).toMatchObject({ energyImportWh: 250, energyExportWh: 125 });
  });

  test('lose no Wh, however fine the values are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000_000), { minLength: 24, maxLength: 24 }), (microKWh) => {
        const lines = hours('2026-03-10', '2026-03-11').map(
          (time, i) => `${time};${((microKWh[i] ?? 0) / 1e6).toFixed(6)}`,
        );
        const sum = microKWh.reduce((a, b) => a + b, 0);
        expect(totalOf(good(read(['time;import_kwh', ...lines])))).toBe(Math.round(sum / 1000));
      }),
    );
  });
});

describe('bad tables are refused whole', () => {
  const swapped = body.with(5, body[6]!).with(6, body[5]!);
  test.each([
    ['shuffled rows', [header, ...swapped], /^7:1: 1 row missing after line 6$/],
    [
      'a doubled row',
      [header, ...body.toSpliced(5, 0, body[4]!)],
      /^7:1: the time of line 6 again/,
    ],
    ['missing rows', [header, ...body.toSpliced(5, 2)], /^7:1: 2 rows missing after line 6$/],
    ['a start after the bill’s', [header, ...body.slice(2)], /^2:1: rows are missing from/],
    ['an end before the bill’s', [header, ...body.slice(0, -1)], /^24:1: rows are missing after/],
    [
      'a text for a number',
      [header, ...body.with(3, '2026-03-10 03:00;n/a;0')],
      /^5:18: "n\/a" is no/,
    ],
    [
      'a missing value',
      [header, ...body.with(3, '2026-03-10 03:00;;0')],
      /^5:18: a value is missing/,
    ],
    [
      'negative energy',
      [header, ...body.with(3, '2026-03-10 03:00;-1;0')],
      /^5:18: energy must not/,
    ],
    ['no time', [header, ...body.with(3, 'yesterday;1;0')], /^5:1: "yesterday" is no time/],
    ['unknown columns', ['a;b', ...body], /^1:1: no column for time and import among: a, b/],
    ['nothing', [], /^1:1: the file is empty/],
  ])('with %s', (_, lines, message) => {
    expect(faultsOf(lines)[0]).toMatch(message);
  });

  test('with a time that the clock skips', () => {
    const by = options('2026-03-29', '2026-03-30');
    const lines = hours('2026-03-29', '2026-03-30').map((time) => `${time};1`);
    const wrong = lines.with(2, '2026-03-29 02:00;1');
    expect(faultsOf(['time;import_kwh', ...wrong], by)[0]).toMatch(/^4:1: .* is no time/);
  });
});
