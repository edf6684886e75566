import { ewMean } from './load-profile.js';
import { estimateOf, learn, startLeastSquares, type LeastSquares } from './least-squares.js';
import { HOUR_MS, HOURS_OF_DAY, slotOf, type LoadHour } from './local-hours.js';

/** The outdoor temperature of an hour, °C, as it is known or forecast; null where it is not. */
export type TemperatureAt = (startMs: number) => number | null;

/**
 * What warmth and cold add to a load. The models know what the load was on the days before, so what
 * is learned here is what it changes by when it is colder or hotter than on those. All that the
 * feed said is kept with the hour in which it was known: the same state says the same. Plain JSON.
 */
export interface WeatherState {
  /** The slot after the newest hour of `degrees`. */
  readonly endSlot: number;
  /** °C of the hours of the last days, the newest last. */
  readonly degrees: Degrees;
  /** °C of the hours after those, as they were forecast when the newest one closed. */
  readonly coming: Degrees;
  readonly model: LeastSquares;
  /** Features of today's hours as they were at midnight. */
  readonly issued: readonly (readonly number[] | null)[] | null;
  /** Usual error of an hour without and with it; it counts while it helps. */
  readonly errors: { readonly plain: number; readonly aided: number; readonly days: number } | null;
}

type Degrees = readonly (number | null)[];

/** A house is heated below and cooled above; between the two nothing depends on the weather. */
const HEATING_BELOW_C = 16;
const COOLING_ABOVE_C = 22;
const DAYS_BACK = 7;
const HOURS_BACK = DAYS_BACK * HOURS_OF_DAY;
export const HOURS_COMING = 49;
const ERROR_SHARE = 1 / 28;
/** Before so many days, and unless it is better by so much, what helped did so by chance. */
const ERROR_DAYS_MIN = 7;
const BETTER_SHARE = 0.98;
const FEATURES = 4;
const SPREAD = 10;

const initial: WeatherState = {
  endSlot: 0,
  degrees: [],
  coming: [],
  model: startLeastSquares(Array<number>(FEATURES).fill(0), 0.1),
  issued: null,
  errors: null,
};

/** Notes the temperature of an hour that closed and of those to come; null while there is no feed. */
export function nextWeather(
  state: WeatherState | null,
  hour: LoadHour,
  temperatureAt: TemperatureAt | undefined,
): WeatherState | null {
  if (!temperatureAt && !state) return null;
  const before = state ?? initial;
  const slot = slotOf(hour);
  if (slot < before.endSlot) return state;
  const at = (hours: number): number | null =>
    temperatureAt?.(hour.startMs + hours * HOUR_MS) ?? null;
  const missing = before.degrees.length === 0 ? 0 : Math.min(HOURS_BACK, slot - before.endSlot);
  const filled = [...before.degrees, ...Array<null>(missing).fill(null), at(0)];
  return {
    ...before,
    endSlot: slot + 1,
    degrees: filled.slice(-HOURS_BACK),
    coming: Array.from({ length: HOURS_COMING }, (_, i) => at(i + 1)),
  };
}

/** The weather with what is expected of a day, from which it learns when the day is over. */
export const issueWeather = (state: WeatherState | null, firstSlot: number): WeatherState | null =>
  state && {
    ...state,
    issued: Array.from({ length: HOURS_OF_DAY }, (_, hour) => featuresOf(state, firstSlot + hour)),
  };

/** By how much the load of an hour to come differs, in units of the models. */
export function weatherShift(state: WeatherState | null | undefined, slot: number): number {
  if (!state || !isHelpful(state)) return 0;
  const features = featuresOf(state, slot);
  return features ? estimateOf(state.model.weights, features) : 0;
}

/** The same for an hour of today, as it was said at midnight. */
export function issuedShift(state: WeatherState | null | undefined, hour: number): number {
  const features = state?.issued?.[hour];
  return features && isHelpful(state!) ? estimateOf(state!.model.weights, features) : 0;
}

/** Learns what the models alone have missed in the hours of a day; null is not measured. */
export function learnWeather(
  state: WeatherState | null,
  missed: readonly (number | null)[],
): WeatherState | null {
  if (!state?.issued) return state;
  let { model } = state;
  let [plain, aided, hours] = [0, 0, 0];
  missed.forEach((load, hour) => {
    const features = state.issued![hour];
    if (load === null || !features) return;
    plain += Math.abs(load);
    aided += Math.abs(load - estimateOf(state.model.weights, features));
    hours += 1;
    model = learn(model, features, load, { forgetting: 0.9995, huber: 2 });
  });
  if (hours === 0) return { ...state, issued: null };
  const known = state.errors ?? { plain: plain / hours, aided: aided / hours, days: 0 };
  const share = Math.max(ERROR_SHARE, 1 / (known.days + 1));
  const errors = {
    plain: ewMean(known.plain, plain / hours, share),
    aided: ewMean(known.aided, aided / hours, share),
    days: known.days + 1,
  };
  return { ...state, model, errors, issued: null };
}

const isHelpful = ({ errors }: WeatherState): boolean =>
  errors !== null && errors.days >= ERROR_DAYS_MIN && errors.aided < BETTER_SHARE * errors.plain;

/** How much colder and hotter it is than a day before, and than usual at this hour of late. */
function featuresOf(
  { endSlot, degrees, coming }: WeatherState,
  slot: number,
): readonly number[] | null {
  const step = slot - endSlot;
  if (step < 0 || step >= coming.length) return null;
  const known = [...degrees, ...coming.slice(0, step)];
  const now = coming[step] ?? null;
  const sameHours: number[] = [];
  for (let back = HOURS_OF_DAY; back <= HOURS_BACK; back += HOURS_OF_DAY) {
    const then = known[known.length - back] ?? null;
    if (then !== null) sameHours.push(then);
  }
  const before = known[known.length - HOURS_OF_DAY] ?? null;
  if (now === null || before === null) return null;
  return [heatingOf, coolingOf].flatMap((demand) => {
    const usual = sameHours.reduce((sum, one) => sum + demand(one), 0) / sameHours.length;
    return [(demand(now) - demand(before)) / SPREAD, (demand(now) - usual) / SPREAD];
  });
}

const heatingOf = (degreesC: number): number => Math.max(0, HEATING_BELOW_C - degreesC);
const coolingOf = (degreesC: number): number => Math.max(0, degreesC - COOLING_ABOVE_C);
