import type { Reading, Role } from '@wattbus/energy-model';
import type { Calendar } from '@wattbus/tariffs';
import {
  closeAnomalyDay,
  initialAnomaly,
  nextAnomalyHour,
  type AnomalyState,
  type Circumstances,
} from './anomaly/anomaly.js';
import type { AnomalyFinding } from './anomaly/open-anomalies.js';
import {
  addBaseloadQuarter,
  baseloadOf,
  closeBaseloadDay,
  initialBaseload,
  type BaseloadState,
} from './baseload/baseload.js';
import {
  addDayEnergy,
  initialDayEnergy,
  type DayEnergyState,
} from './bill-forecast/month-forecast.js';
import { initialForecast, nextForecast, type ForecastState } from './forecast/forecast.js';
import { loadForecast, type LoadForecast } from './forecast/horizon.js';
import {
  HOUR_MS,
  HOURS_OF_DAY,
  localQuarter,
  takeQuarter,
  type LoadHour,
  type LoadQuarter,
  type OpenHour,
} from './forecast/local-hours.js';
import { addPower, powerQuarterWh, type PowerQuarters } from './forecast/power-quarters.js';
import {
  nextPv,
  pvForecast,
  type PvForecast,
  type PvPowerAt,
  type PvState,
} from './forecast/pv.js';
import type { TemperatureAt } from './forecast/weather.js';
import type { LedgerState } from './ledger/ledger.js';
import { amountOf } from './ledger/periods.js';
import type { Quarter } from './ledger/quarters.js';
import { QUARTER_MS } from './ledger/spread.js';

/** What the load of a meter is like: its habits, its rest, and what is odd about it. Plain JSON. */
export interface ConsumptionState {
  readonly open: OpenHour | null;
  /** The local day whose hours are coming in. */
  readonly day: number | null;
  /** What the open day's measured hours add up to, and how many they are. */
  readonly dayWh: number;
  readonly dayHours: number;
  /** The newest measured quarter-hour. */
  readonly last: LoadQuarter | null;
  /** Where the clock's last hour closed, with what was newest then: forecasts are said from here. */
  readonly turn: { readonly fromMs: number; readonly last: LoadQuarter | null } | null;
  /** There while the meter states power between rare values of its registers. */
  readonly powers: PowerQuarters | null;
  readonly exportedOnDay: number | null;
  readonly forecast: ForecastState;
  /** Of panels, there once a feed has said what they are expected to give. */
  readonly pv?: PvState | null;
  readonly baseload: BaseloadState;
  readonly dayEnergy: DayEnergyState;
  readonly anomaly: AnomalyState;
}

export interface ConsumptionStep {
  readonly state: ConsumptionState;
  readonly findings: readonly AnomalyFinding[];
  readonly daysClosed: number;
}

/** What the steps need to know of the meter and the site. */
export interface ConsumptionSite {
  readonly role: Role;
  readonly calendar: Calendar;
  readonly away: boolean;
  readonly temperatureAt?: TemperatureAt | undefined;
  readonly pvPowerAt?: PvPowerAt | undefined;
}

export const initialConsumption: ConsumptionState = {
  open: null,
  day: null,
  dayWh: 0,
  dayHours: 0,
  last: null,
  turn: null,
  powers: null,
  exportedOnDay: null,
  forecast: initialForecast,
  baseload: initialBaseload,
  dayEnergy: initialDayEnergy,
  anomaly: initialAnomaly,
};

/** So many days after an export the import alone does not show the home's load in daylight. */
const SOLAR_DAYS = 14;
const NIGHT_ENDS_HOUR = 5;
const NIGHT_BEGINS_HOUR = 22;
/** An hour may be missing on the day the clock goes forward. */
const WHOLE_DAY_HOURS_MIN = 23;

/** Notes the power of a reading that has no register, where others have. */
export function notePower(
  state: ConsumptionState,
  { powerW, energyImportWh }: Reading,
  atMs: number,
  { integral }: LedgerState,
): ConsumptionState {
  if (powerW === undefined || integral !== null) return state;
  if (state.powers === null && energyImportWh !== undefined) return state;
  return { ...state, powers: addPower(state.powers, atMs, powerW) };
}

/** Takes a quarter-hour that the ledger closed. */
export function nextConsumption(
  state: ConsumptionState,
  { startMs, quality, amounts }: Quarter,
  site: ConsumptionSite,
): ConsumptionStep {
  const measured = quality === 'measured';
  const wh = measured ? amountOf(amounts, 'importWh') : powerQuarterWh(state.powers, startMs);
  const quarter = { startMs, wh, exportWh: amountOf(amounts, 'exportWh') };
  const place = localQuarter(startMs, site.calendar.dayOf(startMs));
  const { open, closed } = takeQuarter(state.open, quarter, place);
  const last = wh === null ? state.last : quarter;
  const turn = closed.length > 0 ? { fromMs: startMs + QUARTER_MS, last } : state.turn;
  const noted: ConsumptionState = { ...state, open, last, turn };
  let step: ConsumptionStep = { state: noted, findings: [], daysClosed: 0 };
  for (const hour of closed) step = takeHour(step, hour, site);
  return step;
}

/** The forecast from the last closed quarter-hour on; null before the first whole day. */
export const consumptionForecast = (
  { forecast, last }: ConsumptionState,
  fromMs: number,
  calendar: Calendar,
): LoadForecast | null => loadForecast(forecast, last, fromMs, calendar);

/** The forecast as it was when the clock's last hour closed: it stays the same for an hour. */
export const hourlyForecast = (
  { forecast, turn }: ConsumptionState,
  calendar: Calendar,
): LoadForecast | null => turn && loadForecast(forecast, turn.last, turn.fromMs, calendar);

/** The production to come of a meter of panels; null while no feed has said anything of it. */
export const productionForecast = (
  { pv }: ConsumptionState,
  calendar: Calendar,
): PvForecast | null => (pv ? pvForecast(pv, calendar) : null);

const withState = (step: ConsumptionStep, state: ConsumptionState): ConsumptionStep => ({
  ...step,
  state,
});

const isSolar = ({ exportedOnDay }: ConsumptionState, day: number): boolean =>
  exportedOnDay !== null && day - exportedOnDay <= SOLAR_DAYS;

/** With solar panels only the night shows what the home draws. */
function restOf(state: ConsumptionState, { day, hour, quartersWh, exportWh }: LoadHour) {
  const night = hour < NIGHT_ENDS_HOUR || hour >= NIGHT_BEGINS_HOUR;
  let { baseload } = state;
  if (exportWh > 0 || (isSolar(state, day) && !night)) return baseload;
  for (const wh of quartersWh) {
    if (wh !== null) baseload = addBaseloadQuarter(baseload, (wh * HOUR_MS) / QUARTER_MS);
  }
  return baseload;
}

function takeHour(step: ConsumptionStep, hour: LoadHour, site: ConsumptionSite): ConsumptionStep {
  let next = step;
  const { day } = step.state;
  if (day !== null && hour.day > day) next = closeDay(next, day, hour.startMs, site);
  const before: ConsumptionState = {
    ...next.state,
    exportedOnDay: hour.exportWh > 0 ? hour.day : next.state.exportedOnDay,
  };
  const circumstances = circumstancesOf(before, hour.day, hour.startMs + HOUR_MS, site);
  const anomaly = nextAnomalyHour(before.anomaly, hour, circumstances);
  next = {
    ...next,
    state: {
      ...before,
      day: hour.day,
      dayWh: before.dayWh + (hour.wh ?? 0),
      dayHours: before.dayHours + (hour.wh === null ? 0 : 1),
      ...outlookOf(before, hour, site),
      baseload: restOf(before, hour),
      anomaly: anomaly.state,
    },
    findings: [...next.findings, ...anomaly.findings],
  };
  if (hour.hour < HOURS_OF_DAY - 1) return next;
  return closeDay(next, hour.day, hour.startMs + HOUR_MS, site);
}

/** Panels have a production to come, other meters a load. */
function outlookOf(
  { forecast, pv }: ConsumptionState,
  hour: LoadHour,
  { role, temperatureAt, pvPowerAt }: ConsumptionSite,
): Pick<ConsumptionState, 'forecast' | 'pv'> {
  if (role !== 'pv') return { forecast: nextForecast(forecast, hour, temperatureAt) };
  const next = nextPv(pv ?? null, hour, pvPowerAt);
  return { forecast, ...(next && { pv: next }) };
}

function closeDay(
  step: ConsumptionStep,
  day: number,
  endMs: number,
  site: ConsumptionSite,
): ConsumptionStep {
  const { state } = step;
  // The hours of the next day begin a day of their own; until then none is open.
  if (state.dayHours === 0) return withState(step, { ...state, day: null });
  const anomaly = closeAnomalyDay(state.anomaly, circumstancesOf(state, day, endMs, site));
  const whole = state.dayHours >= WHOLE_DAY_HOURS_MIN;
  return {
    state: {
      ...state,
      day: null,
      dayWh: 0,
      dayHours: 0,
      baseload: closeBaseloadDay(state.baseload, day),
      dayEnergy: whole ? addDayEnergy(state.dayEnergy, state.dayWh) : state.dayEnergy,
      anomaly: anomaly.state,
    },
    findings: [...step.findings, ...anomaly.findings],
    daysClosed: step.daysClosed + 1,
  };
}

const circumstancesOf = (
  state: ConsumptionState,
  day: number,
  endMs: number,
  { role, away }: ConsumptionSite,
): Circumstances => ({
  role,
  endMs,
  away,
  baseloadW: isSolar(state, day) ? null : (baseloadOf(state.baseload)?.baseloadW ?? null),
});
