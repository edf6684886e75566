/** Grams of CO2 that a kilowatt-hour from the grid causes, and whether that is today's value. */
export interface Intensity {
  readonly gPerKWh: number;
  readonly source: IntensitySource;
}

export type IntensitySource = 'live' | 'held' | 'usual' | 'static';

/** A value of a feed, valid from its start. */
export interface IntensitySlot {
  readonly startMs: number;
  readonly endMs: number;
  readonly gPerKWh: number;
}

/** What is known of the grid's intensity. Plain JSON. */
export interface IntensityState {
  readonly last: IntensitySlot | null;
  /** The last seven values of each UTC hour of the day, one a day. */
  readonly usual: readonly (readonly (readonly [day: number, gPerKWh: number])[])[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = 24;
const USUAL_DAYS = 7;
/** A feed that stops is believed for so long. */
const HELD_MS_MAX = 2 * HOUR_MS;

export const initialIntensity: IntensityState = {
  last: null,
  usual: Array.from({ length: HOURS }, () => []),
};

/** Takes a value of the feed. */
export function addIntensity(state: IntensityState, slot: IntensitySlot): IntensityState {
  const hour = Math.floor(slot.startMs / HOUR_MS) % HOURS;
  const day = Math.floor(slot.startMs / DAY_MS);
  const others = state.usual[hour]!.filter(([known]) => known !== day && known > day - USUAL_DAYS);
  const newer = state.last === null || slot.startMs >= state.last.startMs;
  return {
    last: newer ? slot : state.last,
    usual: state.usual.with(hour, [...others, [day, slot.gPerKWh] as const].slice(-USUAL_DAYS)),
  };
}

/**
 * The intensity of an instant: the feed's, else its last value for two hours, else the mean of
 * the same hour of the last seven days, else the static one.
 */
export function intensityAt(
  { last, usual }: IntensityState,
  atMs: number,
  staticGPerKWh: number,
): Intensity {
  if (last && last.startMs <= atMs && atMs < last.endMs) {
    return { gPerKWh: last.gPerKWh, source: 'live' };
  }
  if (last && last.startMs <= atMs && atMs - last.endMs < HELD_MS_MAX) {
    return { gPerKWh: last.gPerKWh, source: 'held' };
  }
  const day = Math.floor(atMs / DAY_MS);
  const same = usual[Math.floor(atMs / HOUR_MS) % HOURS]!.filter(
    ([known]) => known >= day - USUAL_DAYS && known <= day,
  );
  if (same.length === 0) return { gPerKWh: staticGPerKWh, source: 'static' };
  const sum = same.reduce((total, [, gPerKWh]) => total + gPerKWh, 0);
  return { gPerKWh: sum / same.length, source: 'usual' };
}

/** Grams of a span. Export is beside import, never taken from it. Plain JSON. */
export interface Carbon {
  readonly importG: number;
  readonly importWh: number;
  readonly exportG: number;
  readonly exportWh: number;
  /** Part of the imported energy whose intensity was live. */
  readonly liveWh: number;
}

export const noCarbon: Carbon = { importG: 0, importWh: 0, exportG: 0, exportWh: 0, liveWh: 0 };

export interface CarbonSlot {
  readonly importWh: number;
  readonly exportWh: number;
}

/** Adds a quarter-hour's energy at the intensity of its time. */
export function addCarbon(
  carbon: Carbon,
  { importWh, exportWh }: CarbonSlot,
  { gPerKWh, source }: Intensity,
): Carbon {
  return {
    importG: carbon.importG + (importWh * gPerKWh) / 1000,
    importWh: carbon.importWh + importWh,
    exportG: carbon.exportG + (exportWh * gPerKWh) / 1000,
    exportWh: carbon.exportWh + exportWh,
    liveWh: carbon.liveWh + (source === 'live' ? importWh : 0),
  };
}

export interface CarbonSummary {
  readonly importG: number;
  readonly exportG: number;
  /** Mean intensity of what was imported, by energy; null without any. */
  readonly gPerKWh: number | null;
  /** Share of the energy with a live value, 0 to 1. */
  readonly coverage: number;
}

export const carbonSummary = ({ importG, importWh, exportG, liveWh }: Carbon): CarbonSummary => ({
  importG,
  exportG,
  gPerKWh: importWh > 0 ? (importG * 1000) / importWh : null,
  coverage: importWh > 0 ? liveWh / importWh : 1,
});

/** Intensity of the energy in a battery after some was put in: the mean by energy. */
export function storedIntensity(
  stored: { readonly wh: number; readonly gPerKWh: number },
  added: { readonly wh: number; readonly gPerKWh: number },
): number {
  const wh = stored.wh + added.wh;
  return wh > 0 ? (stored.gPerKWh * stored.wh + added.gPerKWh * added.wh) / wh : added.gPerKWh;
}

/** Grams that shifting a load has avoided, at marginal intensities of the same slots. */
export const avoidedG = (
  slots: readonly { baselineWh: number; actualWh: number; marginalGPerKWh: number }[],
): number =>
  slots.reduce(
    (sum, { baselineWh, actualWh, marginalGPerKWh }) =>
      sum + ((baselineWh - actualWh) * marginalGPerKWh) / 1000,
    0,
  );
