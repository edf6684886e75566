import { AGREEING_READINGS_MIN, GAP_MS_MAX, GAP_MS_MIN, type RegisterLimits } from './limits.js';

/** One value of one cumulative register. */
export interface RegisterSample {
  readonly atMs: number;
  readonly value: number;
  /** The amount since the sample before is not fully measured. */
  readonly estimated: boolean;
}

/** What the register counted in the span from one sample to the next. */
export interface Booking {
  readonly fromMs: number;
  readonly toMs: number;
  readonly amount: number;
  readonly estimated: boolean;
}

export interface RegisterCounts {
  readonly duplicate: number;
  readonly late: number;
  readonly jitter: number;
  readonly glitch: number;
}

/** All that has to be known of a register to judge its next sample. Plain JSON. */
export interface RegisterState {
  /** The last sample believed, or null before the first. */
  readonly base: RegisterSample | null;
  /** Samples that do not follow from the base, in order; fewer than `AGREEING_READINGS_MIN`. */
  readonly doubted: readonly RegisterSample[];
  readonly counts: RegisterCounts;
}

/** The register did not simply count on, from one value to the other. */
export interface RegisterEvent {
  readonly event: 'rollover' | DoubtEvent;
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

type DoubtEvent = 'meter-exchange' | 'register-jump' | 'clock-jump';

export interface RegisterStep {
  readonly state: RegisterState;
  readonly bookings: readonly Booking[];
  /** Counted, but at no known time: kept out of every window. Negative for a correction down. */
  readonly unassigned: number;
  readonly events: readonly RegisterEvent[];
  /** Where booking begins anew, because nothing before connects to it. */
  readonly restartAtMs: number | null;
}

export const initialRegister: RegisterState = {
  base: null,
  doubted: [],
  counts: { duplicate: 0, late: 0, jitter: 0, glitch: 0 },
};

/** How a sample follows from an earlier one. */
export type DeltaCase =
  | 'duplicate'
  | 'corrected'
  | 'late'
  | 'normal'
  | 'gap'
  | 'jitter'
  | 'rollover'
  | 'fall'
  | 'jump'
  | 'clock-jump';

/** Judges a difference of two samples of one register. */
export function classify(
  base: RegisterSample,
  sample: RegisterSample,
  limits: RegisterLimits,
): DeltaCase {
  const elapsedMs = sample.atMs - base.atMs;
  const delta = sample.value - base.value;
  const deltaMax = amountMax(elapsedMs, limits);
  if (elapsedMs < 0) return 'late';
  if (elapsedMs === 0 && delta === 0) return 'duplicate';
  if (elapsedMs > GAP_MS_MAX) return 'clock-jump';
  if (elapsedMs === 0 && Math.abs(delta) <= deltaMax) return 'corrected';
  if (delta > deltaMax) return 'jump';
  if (delta >= 0) return elapsedMs > GAP_MS_MIN ? 'gap' : 'normal';
  if (delta >= -limits.resolution) return 'jitter';
  return rolloverDelta(base, sample, limits) === null ? 'fall' : 'rollover';
}

/** Takes one sample. Every amount that the register counts is booked or unassigned, once. */
export function nextRegister(
  state: RegisterState,
  sample: RegisterSample,
  limits: RegisterLimits,
): RegisterStep {
  const { base } = state;
  if (!base) return { ...unchanged({ ...state, base: sample }), restartAtMs: sample.atMs };
  if (state.doubted.length > 0) return settleDoubt(state, base, sample, limits);
  return accept(state, base, sample, limits);
}

/** Goes on from a sample of another source, at once; the time between is estimated. */
export function rebase(state: RegisterState, sample: RegisterSample): RegisterStep {
  if (!state.base) return { ...unchanged({ ...state, base: sample }), restartAtMs: sample.atMs };
  if (sample.atMs < state.base.atMs) return unchanged(count(state, 'late'));
  return goOnFrom({ ...state, doubted: [] }, state.base, sample);
}

/** The register of another meter than before: it goes on from this sample, whatever it says. */
export function exchange(state: RegisterState, sample: RegisterSample): RegisterStep {
  const { base } = state;
  const step = rebase(state, sample);
  if (!base || step.state.base === base) return step;
  const { atMs, value } = sample;
  return {
    ...step,
    events: [{ event: 'meter-exchange', atMs, from: base.value, to: value }],
  };
}

type Accept = (
  state: RegisterState,
  base: RegisterSample,
  sample: RegisterSample,
  limits: RegisterLimits,
) => RegisterStep;

const accept: Accept = (state, base, sample, limits) =>
  acceptances[classify(base, sample, limits)](state, base, sample, limits);

const doubt: Accept = (state, _base, sample) => unchanged({ ...state, doubted: [sample] });

const book: Accept = (state, base, sample) =>
  booked(state, base, sample, sample.value - base.value);

const acceptances: Record<DeltaCase, Accept> = {
  normal: book,
  gap: book,
  duplicate: (state) => unchanged(count(state, 'duplicate')),
  late: (state) => unchanged(count(state, 'late')),
  // The last value of an instant wins. What it takes back may lie in a window already closed.
  corrected: (state, base, sample) => {
    const delta = sample.value - base.value;
    if (delta > 0) return booked(state, base, sample, delta);
    return { ...unchanged({ ...state, base: sample }), unassigned: delta };
  },
  // Nothing is counted, and the value stays until the register passes it again. Its time moves
  // on, because the register was heard: a meter that jitters leaves no gap.
  jitter: (state, base, sample) =>
    booked(count(state, 'jitter'), base, { ...sample, value: base.value }, 0),
  rollover: (state, base, sample, limits) => ({
    ...booked(state, base, sample, rolloverDelta(base, sample, limits)!),
    events: [{ event: 'rollover', atMs: sample.atMs, from: base.value, to: sample.value }],
  }),
  fall: doubt,
  jump: doubt,
  'clock-jump': doubt,
};

/**
 * A sample after a doubted one. If it agrees with the doubted ones it speaks for them; if it
 * follows from the base they were glitches. Where both are possible, a fall was a glitch, since
 * registers do not fall, and a jump was a jump, so that no window gets it.
 */
const settleDoubt: Accept = (state, base, sample, limits) => {
  const follows = classify(base, sample, limits);
  if (sample.atMs <= base.atMs) {
    return ofThePast.has(follows)
      ? acceptances[follows](state, base, sample, limits)
      : unchanged(count(state, 'late'));
  }
  const first = classify(base, state.doubted[0]!, limits);
  const agreement = classify(state.doubted.at(-1)!, sample, limits);
  const agrees = agreement === 'normal' || agreement === 'gap';
  const returns = followsFromBase.has(follows) && (!agrees || first === 'fall');
  if (!returns && (agreement === 'duplicate' || agreement === 'late')) {
    return unchanged(count(state, agreement));
  }
  if (returns || !agrees) return accept(forgetDoubted(state), base, sample, limits);
  const doubted = [...state.doubted, sample];
  if (doubted.length < AGREEING_READINGS_MIN) return unchanged({ ...state, doubted });
  const event = doubtEvents[first] ?? 'register-jump';
  return believe({ ...state, doubted }, base, event, limits);
};

const ofThePast: ReadonlySet<DeltaCase> = new Set(['late', 'duplicate', 'corrected']);
const followsFromBase: ReadonlySet<DeltaCase> = new Set(['normal', 'gap', 'jitter', 'rollover']);

const doubtEvents: Partial<Record<DeltaCase, DoubtEvent>> = {
  fall: 'meter-exchange',
  jump: 'register-jump',
  'clock-jump': 'clock-jump',
};

/** The doubted samples agree: the register goes on from the first of them. */
function believe(
  state: RegisterState,
  base: RegisterSample,
  event: DoubtEvent,
  limits: RegisterLimits,
): RegisterStep {
  const [first, ...rest] = state.doubted as [RegisterSample, ...RegisterSample[]];
  let step: RegisterStep = {
    ...goOnFrom({ ...state, doubted: [] }, base, first),
    events: [{ event, atMs: first.atMs, from: base.value, to: first.value }],
  };
  // What a jump counted belongs to no window; what an exchanged meter counted nobody knows.
  if (event !== 'meter-exchange') {
    step = { ...step, unassigned: Math.max(0, first.value - base.value) };
  }
  let last = first;
  for (const sample of rest) {
    const next = accept(step.state, last, sample, limits);
    step = { ...step, state: next.state, bookings: [...step.bookings, ...next.bookings] };
    last = sample;
  }
  return step;
}

/** A new base that does not follow from the old one. The time between is estimated. */
function goOnFrom(state: RegisterState, base: RegisterSample, first: RegisterSample): RegisterStep {
  const elapsedMs = first.atMs - base.atMs;
  const between = { fromMs: base.atMs, toMs: first.atMs, amount: 0, estimated: true };
  return {
    ...unchanged({ ...state, base: first }),
    bookings: elapsedMs > 0 && elapsedMs <= GAP_MS_MAX ? [between] : none,
    restartAtMs: elapsedMs > GAP_MS_MAX ? first.atMs : null,
  };
}

function booked(
  state: RegisterState,
  base: RegisterSample,
  sample: RegisterSample,
  amount: number,
): RegisterStep {
  const estimated = sample.estimated || sample.atMs - base.atMs > GAP_MS_MIN;
  return {
    state: { base: sample, doubted: state.doubted, counts: state.counts },
    bookings: [{ fromMs: base.atMs, toMs: sample.atMs, amount, estimated }],
    unassigned: 0,
    events: none,
    restartAtMs: null,
  };
}

const none: readonly never[] = [];

const unchanged = (state: RegisterState): RegisterStep => ({
  state,
  bookings: none,
  unassigned: 0,
  events: none,
  restartAtMs: null,
});

const count = (state: RegisterState, name: keyof RegisterCounts, by = 1): RegisterState => ({
  ...state,
  counts: { ...state.counts, [name]: state.counts[name] + by },
});

const forgetDoubted = (state: RegisterState): RegisterState => ({
  ...count(state, 'glitch', state.doubted.length),
  doubted: [],
});

const HOUR_MS = 3_600_000;

const amountMax = (
  elapsedMs: number,
  { perHourMax, clockToleranceMs, resolution }: RegisterLimits,
) => (perHourMax * (elapsedMs + clockToleranceMs)) / HOUR_MS + resolution;

/** What a register counted that passed its last value and began at 0 again, or null. */
function rolloverDelta(
  base: RegisterSample,
  sample: RegisterSample,
  limits: RegisterLimits,
): number | null {
  const deltaMax = amountMax(sample.atMs - base.atMs, limits);
  for (const modulus of limits.rolloverAt) {
    const delta = sample.value - base.value + modulus;
    if (base.value > 0.9 * modulus && base.value < modulus && delta <= deltaMax) return delta;
  }
  return null;
}
