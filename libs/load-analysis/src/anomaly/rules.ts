import { quantileOf } from '../baseload/baseload.js';

/** Things that need no statistics to be wrong. Hours and days in a row; plain JSON. */
export interface RuleState {
  readonly deadHours: number;
  readonly busyHours: number;
  /** Days whose nights exported, the newest last. */
  readonly nightExportDays: readonly number[];
  readonly nightExportWh: number;
  /** Days in a row on which a solar meter imported in daylight and never exported. */
  readonly reversedDays: number;
  readonly daylight: { readonly importWh: number; readonly exportWh: number };
  readonly dayEnergiesWh: readonly number[];
}

export const initialRules: RuleState = {
  deadHours: 0,
  busyHours: 0,
  nightExportDays: [],
  nightExportWh: 0,
  reversedDays: 0,
  daylight: { importWh: 0, exportWh: 0 },
  dayEnergiesWh: [],
};

/** Below this part of the baseload not even the refrigerator runs. */
export const DEAD_SHARE = 0.2;
/** A home at rest is no more than this above its baseload. */
const REST_W = 50;
export const BUSY_HOURS_MIN = 36;
const BUSY_HOURS_MAX = 10_000;
const NIGHT_HOURS: ReadonlySet<number> = new Set([23, 0, 1, 2, 3]);
export const NIGHT_EXPORT_WH_MIN = 100;
/** With a battery it is a habit; what is a habit is no anomaly. */
const NIGHT_EXPORT_HABIT_DAYS = 3;
const NIGHT_EXPORT_MEMORY_DAYS = 28;
const DAYLIGHT_HOURS: ReadonlySet<number> = new Set([10, 11, 12, 13, 14]);
const REVERSED_WH_MIN = 100;
export const REVERSED_DAYS_MIN = 2;
const DAY_ENERGIES_MAX = 60;
const DAY_ENERGIES_MIN = 28;
const DAY_ENERGY_LEVEL = 0.99;

/** Nothing is drawn, not even the baseload, for this hour. */
export const isDead = (loadWh: number, baseloadW: number): boolean =>
  loadWh < DEAD_SHARE * baseloadW;

/** Hours in a row in which power never came down to rest. */
export const busyHours = (before: number, lowestW: number, baseloadW: number): number =>
  lowestW > baseloadW + REST_W ? Math.min(BUSY_HOURS_MAX, before + 1) : 0;

/** Export in the hours when no sun shines; a new habit stops being reported by itself. */
export function nightExport(
  state: RuleState,
  { day, hour }: { day: number; hour: number },
  exportWh: number,
): { state: RuleState; on: boolean } {
  if (!NIGHT_HOURS.has(hour)) return { state: { ...state, nightExportWh: 0 }, on: false };
  const nightExportWh = state.nightExportWh + exportWh;
  const recent = state.nightExportDays.filter((one) => one > day - NIGHT_EXPORT_MEMORY_DAYS);
  const exported = exportWh >= NIGHT_EXPORT_WH_MIN;
  const others = recent.filter((one) => one !== day);
  const nightExportDays = exported ? [...others, day].slice(-NIGHT_EXPORT_HABIT_DAYS) : recent;
  return {
    state: { ...state, nightExportDays, nightExportWh },
    on: exported && others.length < NIGHT_EXPORT_HABIT_DAYS,
  };
}

export function addDaylight(
  state: RuleState,
  hour: number,
  flow: { readonly importWh: number; readonly exportWh: number },
): RuleState {
  if (!DAYLIGHT_HOURS.has(hour)) return state;
  const { importWh, exportWh } = state.daylight;
  return {
    ...state,
    daylight: { importWh: importWh + flow.importWh, exportWh: exportWh + flow.exportWh },
  };
}

/** At the end of a day: did the solar meter count the wrong way? */
export function closeDaylight(state: RuleState): RuleState {
  const { importWh, exportWh } = state.daylight;
  const reversed = importWh >= REVERSED_WH_MIN && exportWh === 0;
  return {
    ...state,
    reversedDays: reversed ? Math.min(BUSY_HOURS_MAX, state.reversedDays + 1) : 0,
    daylight: initialRules.daylight,
  };
}

/** At the end of a day: what it took beyond nearly all of the last sixty, else null. */
export function dayEnergy(
  state: RuleState,
  wh: number,
): { state: RuleState; over: { usualMaxWh: number } | null } {
  const known = state.dayEnergiesWh;
  const usualMaxWh =
    known.length < DAY_ENERGIES_MIN ? Infinity : quantileOf(known, DAY_ENERGY_LEVEL);
  return {
    state: { ...state, dayEnergiesWh: [...known, wh].slice(-DAY_ENERGIES_MAX) },
    over: wh > usualMaxWh ? { usualMaxWh } : null,
  };
}
