import { priceMeterState, type MeterState } from '@wattbus/analyzer';
import type { AnalysisSite } from '@wattbus/load-analysis';
import type { PriceDirection } from '@wattbus/mqtt-contract';
import { describeTableFaults, type WattbusConfig } from '@wattbus/service-config';
import { isRefused, readPrices, type PriceSlot } from '@wattbus/tariffs';
import { rowsOf } from '../commands/table-files.js';
import { UserFault } from '../commands/tariff-files.js';

/** How prices of the past are given to `import` and `rerun`. */
export const priceOptions = {
  prices: { type: 'string' },
  'export-prices': { type: 'string' },
} as const;

export const priceUsage = '[--prices FILE.csv] [--export-prices FILE.csv]';

/** Prices of the market by direction, each in order of time. */
export type PriceHistory = ReadonlyMap<PriceDirection, readonly PriceSlot[]>;

export const noPriceHistory: PriceHistory = new Map();

interface PriceValues {
  readonly prices?: string | undefined;
  readonly 'export-prices'?: string | undefined;
}

/** From the files that are named; without any, from that of the configuration's feed. */
export function priceHistory(values: PriceValues, config: WattbusConfig): PriceHistory {
  const { zone } = config.site;
  const history = new Map<PriceDirection, readonly PriceSlot[]>();
  const own = config.prices?.kind === 'csv' ? config.prices : undefined;
  if (values.prices !== undefined) history.set('import', pricesIn(values.prices, zone, 1));
  else if (own?.file !== undefined) history.set('import', pricesIn(own.file, zone, own.divideBy));
  const exported = values['export-prices'];
  if (exported !== undefined) history.set('export', pricesIn(exported, zone, 1));
  return history;
}

function pricesIn(path: string, zone: string, divideBy: number): readonly PriceSlot[] {
  const read = readPrices(rowsOf(path), zone);
  if (isRefused(read)) throw new UserFault(describeTableFaults(path, read.faults));
  return read.prices
    .map((one) => ({ ...one, price: one.price / divideBy }))
    .sort((a, b) => a.startMs - b.startMs);
}

const DAY_MS = 86_400_000;
/** A book of prices reaches so far back and ahead; more would be left out of it. */
const BACK_MS = 50 * DAY_MS;
const AHEAD_MS = 4 * DAY_MS;

/** Gives a meter the prices of the days around its newest reading, a few days at a time. */
export class PriceSource {
  readonly #history: PriceHistory;
  readonly #site: AnalysisSite;
  #knownUntilMs = -Infinity;

  constructor(history: PriceHistory, site: AnalysisSite) {
    this.#history = history;
    this.#site = site;
  }

  /** The state with the prices that it will need next; the very same one while it has them. */
  priced(state: MeterState): MeterState {
    if (this.#history.size === 0) return state;
    const atMs = Date.parse(state.at);
    // A day in hand: what closes with the next reading is priced already.
    if (atMs + DAY_MS < this.#knownUntilMs) return state;
    const fromMs = Math.max(atMs - BACK_MS, this.#knownUntilMs - DAY_MS);
    const toMs = atMs + AHEAD_MS;
    this.#knownUntilMs = toMs;
    let next = state;
    for (const [direction, slots] of this.#history) {
      const near = slots.filter(({ startMs, endMs }) => endMs > fromMs && startMs < toMs);
      next = priceMeterState(next, direction, near, this.#site)?.state ?? next;
    }
    return next;
  }
}
