import type { Reading } from '@wattbus/energy-model';
import type { Calendar } from '@wattbus/tariffs';
import { closeBooks, type ClosedBook, type Covered } from './closing.js';
import { booksOf, GAP_MS_MIN, type AmountName, type MediumBooks } from './limits.js';
import { openBooks, type DayBook, type OpenBooks, type PeriodBook } from './periods.js';
import {
  exportWhOf,
  importWhOf,
  integratePower,
  POWER_GAP_MS_MIN,
  startIntegral,
  type PowerIntegral,
} from './power-integration.js';
import {
  addAmounts,
  beginQuarter,
  bookQuarters,
  type Amounts,
  type OpenQuarters,
} from './quarters.js';
import {
  exchange,
  initialRegister,
  nextRegister,
  rebase,
  type RegisterEvent,
  type RegisterSample,
  type RegisterState,
  type RegisterStep,
} from './register.js';

/**
 * What one meter has counted, as whole units: registers are the truth, power is integrated only
 * where there is no register. Plain JSON; the same readings give the same bytes, wherever the
 * state was saved and loaded in between.
 *
 * For every register, all quarter-hours, closed and open, and `unassigned` add up to the
 * difference of its last and its first value.
 */
export interface LedgerState {
  readonly lastAtMs: number | null;
  /** The serial number that the meter stated last, where it states one. */
  readonly meterId?: string;
  readonly registers: { readonly [name in AmountName]?: RegisterState };
  /** There while power stands in for registers that the meter has not stated. */
  readonly integral: PowerIntegral | null;
  readonly open: OpenQuarters;
  readonly closedUntilMs: number;
  readonly books: OpenBooks | null;
  /** The last local day that was closed. */
  readonly closedDay: DayBook | null;
  readonly unassigned: Amounts;
}

export type LedgerResult = ClosedBook | RegisterResult;

/** A register did not simply count on. */
export interface RegisterResult extends RegisterEvent {
  readonly kind: 'register-event';
  readonly register: AmountName;
}

export const initialLedger: LedgerState = {
  lastAtMs: null,
  registers: {},
  integral: null,
  open: [],
  closedUntilMs: 0,
  books: null,
  closedDay: null,
  unassigned: {},
};

/**
 * A register not heard for so long holds no quarter-hour open for the others. What it then counts
 * in quarter-hours already closed is unassigned. Some meters state registers once an hour.
 */
export const REGISTER_SILENCE_MS_MAX = 2 * 3_600_000;

/** A clock that was set by hand or has run wild differs from ours by more than this. */
const CLOCK_ERROR_MS_MAX = 60_000;

/** Takes one reading of the meter. */
export function nextLedger(
  state: LedgerState,
  reading: Reading,
  calendar: Calendar,
): { state: LedgerState; results: readonly LedgerResult[] } {
  const atMs = Date.parse(reading.at);
  const draft: Draft = {
    lastAtMs: state.lastAtMs,
    registers: state.registers,
    integral: state.integral,
    open: state.open,
    closedUntilMs: state.closedUntilMs,
    books: state.books,
    closedDay: state.closedDay,
    unassigned: state.unassigned,
    results: [],
  };
  if (state.meterId !== undefined) draft.meterId = state.meterId;
  takeSamples(draft, reading, atMs);
  const closing = closeBooks(
    {
      open: draft.open,
      books: draft.books ?? openBooks(calendar, atMs),
      closedDay: draft.closedDay,
    },
    closableUntil(draft, atMs),
    coveredSince(state.lastAtMs, atMs),
    calendar,
  );
  const { results, meterId, registers, integral, unassigned } = draft;
  // Field by field: to leave one out of a copy takes longer than all else that is done here.
  const next: LedgerState = {
    lastAtMs: Math.max(atMs, state.lastAtMs ?? atMs),
    registers,
    integral,
    open: closing.open,
    closedUntilMs: Math.max(state.closedUntilMs, closing.closedUntilMs),
    books: closing.books,
    closedDay: closing.closedDay,
    unassigned,
  };
  return {
    state: meterId === undefined ? next : { ...next, meterId },
    results: closing.closed.length === 0 ? results : [...results, ...closing.closed],
  };
}

/** Amounts of a period so far: closed quarter-hours and the open ones that lie in it. */
export function amountsSoFar({ open }: LedgerState, period: PeriodBook): Amounts {
  return open
    .filter(({ startMs }) => startMs >= period.startMs && startMs < period.endMs)
    .reduce((sum, { amounts }) => addAmounts(sum, amounts), period.amounts);
}

/** The state while one reading is taken; nothing but the next state leaves the function. */
type Draft = { -readonly [K in keyof LedgerState]: LedgerState[K] } & {
  readonly results: LedgerResult[];
};

function takeSamples(draft: Draft, reading: Reading, atMs: number): void {
  const books = booksOf[reading.medium];
  // A reading stamped by the rule "always later" while the clock stands elsewhere counts, but
  // when it was used is not known.
  const misplaced =
    reading.atSource === 'adjusted' &&
    Math.abs(Date.parse(reading.receivedAt) - atMs) > CLOCK_ERROR_MS_MAX;
  const judge = judgeOf(draft, books, takeMeterId(draft, reading));
  let stated = 0;
  for (const { quantity, amount } of books.registers) {
    const value = reading[quantity];
    if (value === undefined) continue;
    stated += 1;
    takeSample(draft, amount, { atMs, value, estimated: misplaced }, judge);
  }
  if (stated === 0) {
    if (reading.medium === 'electricity') takePower(draft, books, reading.powerW, atMs);
    return;
  }
  if (!draft.integral) return;
  draft.integral = null;
  const stating = books.registers.filter(({ quantity }) => reading[quantity] !== undefined);
  draft.registers = Object.fromEntries(
    stating.map(({ amount }) => [amount, draft.registers[amount]!]),
  );
}

/** Whether it is another meter than before; its registers then have a start of their own. */
function takeMeterId(draft: Draft, { meterId, at }: Reading): boolean {
  if (meterId === undefined || meterId === draft.meterId) return false;
  // What the old meter said, and comes late, is no exchange back.
  if (draft.lastAtMs !== null && Date.parse(at) < draft.lastAtMs) return false;
  const isExchanged = draft.meterId !== undefined;
  draft.meterId = meterId;
  return isExchanged;
}

type Judge = (register: RegisterState, sample: RegisterSample) => RegisterStep;

function judgeOf({ integral }: Draft, { limits }: MediumBooks, isExchanged: boolean): Judge {
  if (integral) return rebase;
  if (isExchanged) return exchange;
  return (register, sample) => nextRegister(register, sample, limits);
}

function takeSample(draft: Draft, name: AmountName, sample: RegisterSample, judge: Judge): void {
  const step = judge(draft.registers[name] ?? initialRegister, sample);
  draft.registers = { ...draft.registers, [name]: step.state };
  takeStep(draft, name, step);
}

function takeStep(draft: Draft, name: AmountName, step: RegisterStep): void {
  if (step.restartAtMs !== null) draft.open = beginQuarter(draft.open, step.restartAtMs);
  let unassigned = step.unassigned;
  for (const booking of step.bookings) {
    const booked = bookQuarters(draft.open, draft.closedUntilMs, name, booking);
    draft.open = booked.open;
    unassigned += booked.late;
  }
  if (unassigned !== 0) draft.unassigned = addAmounts(draft.unassigned, { [name]: unassigned });
  for (const event of step.events) {
    draft.results.push({ kind: 'register-event', register: name, ...event });
  }
}

/** Power stands in for the registers only while the meter has never stated one. */
function takePower(
  draft: Draft,
  books: MediumBooks,
  powerW: number | undefined,
  atMs: number,
): void {
  const last = draft.integral;
  if (powerW === undefined || (!last && Object.keys(draft.registers).length > 0)) return;
  if (last && atMs <= last.atMs) return;
  const integral = last ? integratePower(last, atMs, powerW) : startIntegral(atMs, powerW);
  const estimated = last !== null && atMs - last.atMs > POWER_GAP_MS_MIN;
  draft.integral = null;
  const judge = judgeOf(draft, books, false);
  takeSample(draft, 'importWh', { atMs, value: importWhOf(integral), estimated }, judge);
  takeSample(draft, 'exportWh', { atMs, value: exportWhOf(integral), estimated }, judge);
  draft.integral = integral;
}

/** Until when all registers have counted, those left aside that have fallen silent. */
function closableUntil({ registers, closedUntilMs }: Draft, atMs: number): number {
  let untilMs = Infinity;
  for (const { base } of Object.values(registers)) {
    if (base && atMs - base.atMs <= REGISTER_SILENCE_MS_MAX) untilMs = Math.min(untilMs, base.atMs);
  }
  return Number.isFinite(untilMs) ? untilMs : closedUntilMs;
}

function coveredSince(lastAtMs: number | null, atMs: number): Covered | null {
  if (lastAtMs === null || atMs <= lastAtMs || atMs - lastAtMs > GAP_MS_MIN) return null;
  return { fromMs: lastAtMs, toMs: atMs };
}
