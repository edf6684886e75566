import type { PriceSlot } from '../spot-prices.js';
import { readSeries } from './read-series.js';
import { isRefused, millionthsOf, refused, type Read, type Row } from './table.js';

/**
 * Reads prices of the market: a row a slot, named by its start, with its price per kWh, or per MWh
 * where the header says so. Times may be missing; those are estimated when a bill needs them.
 */
export function readPrices(
  rows: readonly Row[],
  zone: string,
): Read<{ readonly prices: readonly PriceSlot[] }> {
  const [header, ...body] = rows;
  const names = header?.cells.map(({ text }) => text.trim()) ?? [];
  const priceAt = names.findIndex((name) => /price|prijs|preis|prix|value|kwh|mwh/i.test(name));
  const timeAt = names.findIndex((name) => /time|date|datum|zeit|start|from/i.test(name));
  if (timeAt === -1 || priceAt === -1) {
    return refused([{ line: 1, column: 1, message: 'needs columns named time and price' }]);
  }
  const perKWh = /mwh/i.test(names[priceAt] ?? '') ? 1_000 : 1;
  const read = readSeries(body, timeAt, zone);
  if (isRefused(read)) return read;
  const { rows: timed, intervalMs } = read.series;
  const prices: PriceSlot[] = [];
  for (const { row, atMs } of timed) {
    const cell = row.cells[priceAt];
    const value = millionthsOf(cell?.text ?? '');
    if (value === null) {
      const message = `"${cell?.text ?? ''}" is no price`;
      return refused([{ line: row.line, column: cell?.column ?? 1, message }]);
    }
    prices.push({ startMs: atMs, endMs: atMs + intervalMs, price: Number(value) / 1e6 / perKWh });
  }
  return { ok: true, prices };
}
