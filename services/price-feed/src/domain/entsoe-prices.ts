import type { ReadSlots } from './json-prices.js';
import type { Slot } from './kept-slots.js';

const MINUTE_MS = 60_000;
const resolutions: Readonly<Record<string, number>> = { PT15M: 15, PT30M: 30, PT60M: 60, PT1H: 60 };
const KWH_PER_MWH = 1_000;
/** Two weeks of quarter-hours. */
const POSITIONS_MAX = 1_400;

/** The parts of a document that are read; all of it is text as parsed, lists where repeated. */
type Tree = Readonly<Record<string, unknown>>;

/**
 * Day-ahead prices (A44) of the ENTSO-E transparency platform, parsed from XML: EUR/MWh → per kWh.
 * In curve A03 a position that is left out has the price of the one before, until the interval ends.
 */
export function readEntsoe(document: unknown, currency: string): ReadSlots {
  const root = tree(document);
  const refusal = tree(root['Acknowledgement_MarketDocument'])['Reason'];
  if (refusal !== undefined) return refused(reasonText(refusal));
  const market = tree(root['Publication_MarketDocument']);
  const series = list(market['TimeSeries']).filter(isFirstAuction);
  if (series.length === 0) return refused('the answer has no time series of prices');
  const slots = new Map<number, Slot>();
  for (const one of series) {
    const read = readSeries(one, currency);
    if (!read.ok) return read;
    for (const slot of read.slots) addFiner(slots, slot);
  }
  return { ok: true, slots: [...slots.values()].sort((a, b) => a.startMs - b.startMs) };
}

const refused = (message: string): ReadSlots => ({ ok: false, message });

const tree = (value: unknown): Tree =>
  typeof value === 'object' && value !== null ? (value as Tree) : {};
const list = (value: unknown): Tree[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(tree);
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

const reasonText = (reason: unknown): string =>
  list(reason)
    .map((one) => text(one['text']) || text(one['code']))
    .join('; ')
    .slice(0, 300) || 'the platform refused';

/** A zone with several auctions a day states the decisive one first. */
function isFirstAuction(series: Tree): boolean {
  const position = series['classificationSequence_AttributeInstanceComponent.position'];
  return position === undefined || text(position) === '1';
}

function readSeries(series: Tree, currency: string): ReadSlots {
  const stated = text(series['currency_Unit.name']);
  if (stated !== '' && stated !== currency) {
    return refused(`prices are in ${stated}, prices.currency is ${currency}`);
  }
  const unit = text(series['price_Measure_Unit.name']);
  if (unit !== '' && unit !== 'MWH') return refused(`prices are per ${unit}, known is MWH`);
  const carries = text(series['curveType']) !== 'A01';
  const slots: Slot[] = [];
  for (const period of list(series['Period'])) {
    const read = readPeriod(period, carries);
    if (!read.ok) return read;
    slots.push(...read.slots);
  }
  return { ok: true, slots };
}

function readPeriod(period: Tree, carries: boolean): ReadSlots {
  const interval = tree(period['timeInterval']);
  const [startMs, endMs] = [interval['start'], interval['end']].map((at) => Date.parse(text(at)));
  const minutes = resolutions[text(period['resolution'])];
  if (minutes === undefined) {
    return refused(`resolution ${text(period['resolution'])} is not known`);
  }
  if (!(startMs! < endMs!)) return refused('a period has no interval of time');
  const lengthMs = minutes * MINUTE_MS;
  const count = Math.round((endMs! - startMs!) / lengthMs);
  if (count > POSITIONS_MAX) return refused(`a period has ${count} positions`);
  const prices = new Map<number, number>();
  for (const point of list(period['Point'])) {
    const [position, price] = [Number(text(point['position'])), text(point['price.amount'])];
    if (!Number.isInteger(position) || position < 1 || position > count) {
      return refused(`position ${text(point['position'])} lies outside of 1 to ${count}`);
    }
    if (price === '' || !Number.isFinite(Number(price))) {
      return refused(`position ${position}: "${price}" is no price`);
    }
    prices.set(position, Number(price) / KWH_PER_MWH);
  }
  const slots: Slot[] = [];
  let last: number | undefined;
  for (let position = 1; position <= count; position += 1) {
    const price = prices.get(position) ?? (carries ? last : undefined);
    last = price;
    const fromMs = startMs! + (position - 1) * lengthMs;
    if (price !== undefined) slots.push({ startMs: fromMs, endMs: fromMs + lengthMs, price });
  }
  return { ok: true, slots };
}

/** Where the same time is there in hours and in quarter-hours, the finer one is what is billed. */
function addFiner(slots: Map<number, Slot>, slot: Slot): void {
  for (const [key, known] of slots) {
    if (known.startMs >= slot.endMs || known.endMs <= slot.startMs) continue;
    if (known.endMs - known.startMs < slot.endMs - slot.startMs) return;
    slots.delete(key);
  }
  slots.set(slot.startMs, slot);
}
