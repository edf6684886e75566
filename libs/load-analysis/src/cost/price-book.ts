import {
  createSpotPrices,
  dividedBy,
  type PriceSlot,
  type SlotPrice,
  type SpotPrices,
} from '@wattbus/tariffs';
import { QUARTER_MS } from '../ledger/spread.js';

/**
 * Prices of the market by quarter-hour, in millionths of the currency per kWh: a day of UTC is 96
 * values in base 36, nothing where one is as that before it, `~` where none is known. Plain JSON.
 */
export interface PriceDay {
  readonly startMs: number;
  readonly prices: string;
}

/** Oldest first. */
export type PriceBook = readonly PriceDay[];

/** The days that are priced anew, the seven that stand in for missing ones, and those to come. */
export const PRICE_DAYS_BACK = 48;
const PRICE_DAYS_AHEAD = 4;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CELLS = 96;
const RADIX = 36;
const MICRO = 1_000_000;
const PICO_PER_MICRO = 1_000_000n;

export interface Priced {
  /** The very same book where nothing in it has changed. */
  readonly book: PriceBook;
  /** What has changed; null where nothing has. */
  readonly changed: { readonly fromMs: number; readonly toMs: number } | null;
}

/** Puts prices into the book, as seen from an instant; those far from it are left out. */
export function takePrices(book: PriceBook, slots: readonly PriceSlot[], atMs: number): Priced {
  const given = createSpotPrices(slots);
  const [fromMs, toMs] = [atMs - PRICE_DAYS_BACK * DAY_MS, atMs + PRICE_DAYS_AHEAD * DAY_MS];
  const days = new Map(book.map(({ startMs, prices }) => [startMs, unpack(prices)]));
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const cellMs of cellsOf(slots, fromMs, toMs)) {
    const price = given.at(cellMs, 15);
    if (price === null || price.estimated) continue;
    const dayMs = Math.floor(cellMs / DAY_MS) * DAY_MS;
    const cells = days.get(dayMs) ?? Array.from({ length: CELLS }, () => null);
    const index = (cellMs - dayMs) / QUARTER_MS;
    const micro = Number(dividedBy(price.picoPerKWh, PICO_PER_MICRO));
    if (cells[index] === micro) continue;
    cells[index] = micro;
    days.set(dayMs, cells);
    [firstMs, lastMs] = [Math.min(firstMs, cellMs), Math.max(lastMs, cellMs + QUARTER_MS)];
  }
  if (firstMs === Infinity) return { book, changed: null };
  const kept = [...days]
    .filter(([startMs]) => startMs > fromMs - DAY_MS)
    .sort(([a], [b]) => a - b)
    .map(([startMs, cells]): PriceDay => ({ startMs, prices: pack(cells) }));
  return { book: kept, changed: { fromMs: firstMs, toMs: lastMs } };
}

function cellsOf(slots: readonly PriceSlot[], fromMs: number, toMs: number): ReadonlySet<number> {
  const cells = new Set<number>();
  for (const { startMs, endMs } of slots) {
    const first = Math.floor(Math.max(startMs, fromMs) / QUARTER_MS) * QUARTER_MS;
    for (let ms = first; ms < Math.min(endMs, toMs); ms += QUARTER_MS) cells.add(ms);
  }
  return cells;
}

const made = new WeakMap<PriceBook, SpotPrices>();

/** The meters of a site have the same prices, each in a book of its own. */
const lately: { readonly book: PriceBook; readonly prices: SpotPrices }[] = [];
const LATELY_MAX = 8;

/**
 * The prices of a book. Where neither the slot nor the same one on the seven days before is known,
 * the mean of what is known of that time of day stands in, and then that of all: `estimated`.
 */
export function pricesOf(book: PriceBook): SpotPrices {
  const known = made.get(book) ?? lately.find((one) => areSame(one.book, book))?.prices;
  const prices = known ?? makePrices(book);
  made.set(book, prices);
  if (!known) {
    lately.unshift({ book, prices });
    lately.length = Math.min(lately.length, LATELY_MAX);
  }
  return prices;
}

const areSame = (a: PriceBook, b: PriceBook): boolean =>
  a.length === b.length &&
  a.every(({ startMs, prices }, i) => startMs === b[i]!.startMs && prices === b[i]!.prices);

/** Beyond what a book holds there is little to ask for. */
const REMEMBERED_MAX = 20_000;

function makePrices(book: PriceBook): SpotPrices {
  const days = book.map(({ startMs, prices }) => ({ startMs, cells: unpack(prices) }));
  const spot = createSpotPrices(days.flatMap(slotsOfDay));
  const means = meansOf(days.map(({ cells }) => cells));
  const remembered = new Map<number, SlotPrice | null>();
  return {
    at: (atMs, slotMin) => {
      const lengthMs = slotMin * MINUTE_MS;
      // Slots begin at whole quarter-hours, so the length tells those of one instant apart.
      const key = Math.floor(atMs / lengthMs) * lengthMs + slotMin;
      const before = remembered.get(key);
      if (before !== undefined) return before;
      const price = spot.at(atMs, slotMin) ?? standIn(means, atMs, slotMin);
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(key, price);
      return price;
    },
  };
}

type Cells = (number | null)[];

const slotsOfDay = ({ startMs, cells }: { startMs: number; cells: Cells }): PriceSlot[] =>
  cells.flatMap((micro, i) => {
    if (micro === null) return [];
    const slotMs = startMs + i * QUARTER_MS;
    return [{ startMs: slotMs, endMs: slotMs + QUARTER_MS, price: micro / MICRO }];
  });

interface Means {
  readonly byCell: readonly (number | null)[];
  readonly all: number | null;
}

function meansOf(days: readonly Cells[]): Means {
  const mean = (values: readonly (number | null | undefined)[]): number | null => {
    const there = values.filter((value) => typeof value === 'number');
    return there.length === 0 ? null : there.reduce((a, b) => a + b, 0) / there.length;
  };
  return {
    byCell: Array.from({ length: CELLS }, (_, i) => mean(days.map((cells) => cells[i]))),
    all: mean(days.flat()),
  };
}

function standIn({ byCell, all }: Means, atMs: number, slotMin: number): SlotPrice | null {
  const first = Math.floor((atMs % DAY_MS) / (slotMin * 60_000)) * (slotMin / 15);
  const own = byCell.slice(first, first + slotMin / 15).filter((micro) => micro !== null);
  const micro = own.length > 0 ? own.reduce((a, b) => a + b, 0) / own.length : all;
  return micro === null
    ? null
    : { picoPerKWh: BigInt(Math.round(micro)) * PICO_PER_MICRO, estimated: true };
}

function pack(cells: Cells): string {
  return cells
    .map((micro, i) => {
      if (micro === (i === 0 ? null : cells[i - 1])) return '';
      return micro === null ? '~' : micro.toString(RADIX);
    })
    .join(',');
}

function unpack(text: string): Cells {
  let last: number | null = null;
  return text.split(',').map((one) => {
    if (one !== '') last = one === '~' ? null : parseInt(one, RADIX);
    return last;
  });
}
