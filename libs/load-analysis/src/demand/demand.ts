import type { Reading } from '@wattbus/energy-model';
import type { Calendar } from '@wattbus/tariffs';
import type { LedgerResult, LedgerState } from '../ledger/ledger.js';
import { amountOf } from '../ledger/periods.js';
import type { Quarter } from '../ledger/quarters.js';
import { QUARTER_MS, quarterStart } from '../ledger/spread.js';
import { raisePeak, statePeak, type MonthPeak } from './month-peaks.js';
import { initialPower, nextPower, type PowerState } from './power.js';
import { demandOfQuarterW, meanPowerW, predictDemandW } from './prediction.js';

/**
 * Demand is the mean import of a quarter-hour on the clock; export does not lower it. The meter's
 * own running demand (1-0:1.4.0) and month's peak (1-0:1.6.0) are the authority where it has them.
 */
export interface DemandState {
  readonly power: PowerState;
  /** Mean import power of the last minute or so, and when it was last brought up to date. */
  readonly meanW: number | null;
  readonly meanAtMs: number | null;
  readonly running: RunningQuarter | null;
  /** The meter's running demand when it was last stated. */
  readonly stated: { readonly atMs: number; readonly demandW: number } | null;
  readonly peaks: readonly MonthPeak[];
}

/** The quarter-hour under way. */
export interface RunningQuarter {
  readonly startMs: number;
  readonly elapsedMs: number;
  readonly energyWh: number;
  /** Mean demand since its start. */
  readonly averageW: number;
  /** Mean demand at its end if power stays as it is. */
  readonly predictedW: number;
  /** Mean power that the prediction goes on with. */
  readonly meanPowerW: number;
  /** False while some of the energy is an estimate: control does not react to it. */
  readonly measured: boolean;
}

export const initialDemand: DemandState = {
  power: initialPower,
  meanW: null,
  meanAtMs: null,
  running: null,
  stated: null,
  peaks: [],
};

/** A demand stated so near to the end of a quarter-hour is taken for the whole of it. */
const STATED_BEFORE_END_MS_MAX = 15_000;
/** Between two values of the register, mean power fills in for so long. */
const REGISTER_AGE_MS_MAX = 120_000;
const HOUR_MS = 3_600_000;

const whOf = (powerW: number, elapsedMs: number): number => (powerW * elapsedMs) / HOUR_MS;

/** Takes one reading, after the ledger has taken it. */
export function nextDemand(
  state: DemandState,
  reading: Reading,
  ledger: { readonly state: LedgerState; readonly results: readonly LedgerResult[] },
  calendar: Calendar,
): DemandState {
  const atMs = Date.parse(reading.at);
  if (state.meanAtMs !== null && atMs <= state.meanAtMs) return state;
  const power = nextPower(state.power, reading, atMs);
  const importW = power.powerW === null ? null : Math.max(0, power.powerW);
  const meanW = nextMean(state, importW, atMs);
  let peaks = state.peaks;
  for (const result of ledger.results) {
    if (result.kind !== 'quarter') continue;
    peaks = peakOfQuarter(peaks, result.quarter, state.stated, calendar);
  }
  const stated =
    reading.demandImportW === undefined ? state.stated : { atMs, demandW: reading.demandImportW };
  return {
    power,
    meanW,
    meanAtMs: atMs,
    running: runningQuarter(ledger.state, reading, atMs, meanW),
    stated,
    peaks: statedPeak(peaks, reading, atMs, calendar),
  };
}

function nextMean(
  { meanW, meanAtMs }: DemandState,
  importW: number | null,
  atMs: number,
): number | null {
  if (importW === null) return meanW;
  return meanW === null || meanAtMs === null
    ? importW
    : meanPowerW(meanW, importW, atMs - meanAtMs);
}

function peakOfQuarter(
  peaks: readonly MonthPeak[],
  { startMs, quality, amounts }: Quarter,
  stated: DemandState['stated'],
  calendar: Calendar,
): readonly MonthPeak[] {
  const { name: month } = calendar.monthOf(startMs);
  const endMs = startMs + QUARTER_MS;
  const peakAt = (peakW: number): readonly MonthPeak[] =>
    raisePeak(peaks, { month, peakW, atMs: startMs, source: 'ledger' });
  if (quality === 'measured') return peakAt(demandOfQuarterW(amountOf(amounts, 'importWh')));
  // The first quarter-hour after a start is not whole in the ledger, but the meter knew it.
  const statedAtEnd =
    stated && stated.atMs < endMs && endMs - stated.atMs <= STATED_BEFORE_END_MS_MAX;
  return statedAtEnd ? peakAt(stated.demandW) : peaks;
}

function statedPeak(
  peaks: readonly MonthPeak[],
  reading: Reading,
  atMs: number,
  calendar: Calendar,
): readonly MonthPeak[] {
  const { demandImportPeakMonthW: peakW, demandImportPeakMonthAt: peakAt } = reading;
  if (peakW === undefined) return peaks;
  const month = calendar.monthOf(atMs);
  const peakAtMs = peakAt === undefined ? null : Date.parse(peakAt);
  // Until its first quarter-hour ends, the register still shows the peak of the month before.
  if (peakAtMs !== null && peakAtMs <= month.startMs) return peaks;
  return statePeak(peaks, { month: month.name, peakW, atMs: peakAtMs, source: 'meter' });
}

function runningQuarter(
  { open, registers }: LedgerState,
  reading: Reading,
  atMs: number,
  meanW: number | null,
): RunningQuarter | null {
  const startMs = quarterStart(atMs);
  const elapsedMs = atMs - startMs;
  const quarter = open.find((candidate) => candidate.startMs === startMs);
  const statedW = reading.demandImportW;
  const countedAtMs = registers.importWh?.base?.atMs ?? -Infinity;
  if (statedW === undefined && atMs - countedAtMs > REGISTER_AGE_MS_MAX) return null;
  const bookedWh = quarter ? amountOf(quarter.amounts, 'importWh') : 0;
  const sinceMs = atMs - Math.max(countedAtMs, startMs);
  const energyWh =
    statedW === undefined ? bookedWh + whOf(meanW ?? 0, sinceMs) : whOf(statedW, QUARTER_MS);
  const measured = statedW !== undefined || quarter === undefined || quarter.quality === 'measured';
  const powerW = meanW ?? (elapsedMs > 0 ? (energyWh * HOUR_MS) / elapsedMs : 0);
  return {
    startMs,
    elapsedMs,
    energyWh,
    averageW: elapsedMs > 0 ? (energyWh * HOUR_MS) / elapsedMs : 0,
    predictedW: predictDemandW({ energyWh, elapsedMs, powerW }),
    meanPowerW: powerW,
    measured,
  };
}
