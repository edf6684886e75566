import type { Slot } from './kept-slots.js';

export type ReadSlots =
  | { readonly ok: true; readonly slots: readonly Slot[] }
  | { readonly ok: false; readonly message: string };

/** Names that feeds have for the same things, the usual first. */
const listKeys = ['slots', 'prices', 'data', 'rates', 'results', 'items', 'today', 'tomorrow'];
const startKeys = [
  'start',
  'from',
  'startsAt',
  'start_timestamp',
  'valid_from',
  'time',
  'timestamp',
];
const endKeys = ['end', 'till', 'to', 'end_timestamp', 'valid_to'];
const priceKeys = ['price', 'value', 'marketprice', 'value_exc_vat', 'total', 'energy'];

const DEPTH_MAX = 6;
const ROWS_MAX = 5_000;
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

/**
 * Prices in the answer of a web service: a list of objects with a start, mostly an end, and a
 * price, wherever it lies in the answer; or two columns, `unix_seconds` and `price`. A slot without
 * an end lasts until the next one.
 */
export function readJsonPrices(answer: unknown, divideBy: number): ReadSlots {
  const rows = rowsIn(answer);
  if (rows.length === 0) {
    return refused(`no list of prices in the answer; looked for ${listKeys.join(', ')}`);
  }
  if (rows.length > ROWS_MAX) return refused(`${rows.length} prices; at most ${ROWS_MAX} are read`);
  const read: { startMs: number; endMs: number | null; price: number }[] = [];
  for (const [i, row] of rows.entries()) {
    const [start, end] = [instantOf(first(row, startKeys)), instantOf(first(row, endKeys))];
    const price = numberOf(first(row, priceKeys));
    if (start === null) return refused(`price ${i}: no time with its zone in ${shown(row)}`);
    if (price === null) return refused(`price ${i}: no price in ${shown(row)}`);
    if (end !== null && end <= start) return refused(`price ${i}: it ends before it begins`);
    read.push({ startMs: start, endMs: end, price: price / divideBy });
  }
  read.sort((a, b) => a.startMs - b.startMs);
  const doubled = read.find(({ startMs }, i) => i > 0 && read[i - 1]!.startMs === startMs);
  if (doubled) return refused(`two prices from ${new Date(doubled.startMs).toISOString()}`);
  return { ok: true, slots: withEnds(read) };
}

const refused = (message: string): ReadSlots => ({ ok: false, message });

type Row = Readonly<Record<string, unknown>>;

function rowsIn(value: unknown, depth = 0): Row[] {
  if (depth > DEPTH_MAX || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const rows = value.filter((one): one is Row => typeof one === 'object' && one !== null);
    return rows.length === value.length && rows.some((one) => first(one, startKeys) !== undefined)
      ? rows
      : [];
  }
  const fields = value as Row;
  const [times, prices] = [fields['unix_seconds'], fields['price']];
  if (Array.isArray(times) && Array.isArray(prices)) {
    return times.map((time: unknown, i) => ({ time, price: prices[i] as unknown }));
  }
  const keys = [...listKeys, ...Object.keys(fields).filter((key) => !listKeys.includes(key))];
  return keys.flatMap((key) => rowsIn(fields[key], depth + 1));
}

const first = (row: Row, keys: readonly string[]): unknown =>
  keys.map((key) => row[key]).find((value) => value !== undefined && value !== null);

const MILLISECONDS_MIN = 1e11;

/** ISO 8601 with its zone, or seconds or milliseconds since 1970. */
function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return value < MILLISECONDS_MIN ? value * 1_000 : value;
  if (typeof value !== 'string' || !/(Z|[+-]\d\d:?\d\d)$/i.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function withEnds(
  slots: readonly { startMs: number; endMs: number | null; price: number }[],
): readonly Slot[] {
  const steps = slots.slice(1).map(({ startMs }, i) => startMs - slots[i]!.startMs);
  const usual = Math.max(QUARTER_MS, Math.min(HOUR_MS, ...steps));
  return slots.map(({ startMs, endMs, price }, i) => {
    const nextMs = slots[i + 1]?.startMs ?? Infinity;
    return { startMs, price, endMs: endMs ?? Math.min(nextMs, startMs + usual) };
  });
}

const shown = (row: Row): string => JSON.stringify(row).slice(0, 120);
