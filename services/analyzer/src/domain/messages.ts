import {
  amountsSoFar,
  costSoFar,
  coverageOf,
  peakOfMonth,
  phaseAmounts,
  phaseNames,
  quartersOf,
  type Amounts,
  type DayBook,
  type DayCost,
  type LedgerState,
  type PeriodBook,
  type PeriodName,
  type Quarter,
  type Site,
} from '@wattbus/load-analysis';
import type {
  CostAnalysis,
  DayAnalysis,
  EnergyAnalysis,
  PeakAnalysis,
  Quarter as QuarterMessage,
} from '@wattbus/mqtt-contract';
import { billedPeriodOf, fromMicro, totalMicro, type Cost, type Tariff } from '@wattbus/tariffs';
import {
  billedMeterOf,
  dayCostOf,
  type ClosedDay,
  type MeterState,
  type Stamp,
} from './meter-state.js';

/** Energy of today and the periods around it, with the closed quarter-hours of today. */
export function energyMessage(state: MeterState): EnergyAnalysis {
  const { ledger, demand } = state.analysis;
  const { day, month, week, year } = ledger.books!;
  const powerW = demand?.power.powerW ?? null;
  const phases = phaseMessages(state);
  return {
    ...resultOf(state, state),
    ...(powerW === null ? {} : { powerW }),
    today: { date: day.name, ...periodOf(ledger, 'day') },
    month: { month: month.name, ...periodOf(ledger, 'month') },
    week: { week: week.name, ...periodOf(ledger, 'week') },
    year: { year: year.name, ...periodOf(ledger, 'year') },
    billing: periodOf(ledger, 'billing'),
    ...(phases.length === 0 ? {} : { phases }),
    quarters: quarterMessages(day),
    coverage: coverageIn(ledger, 'day'),
  };
}

/** A period so far. */
function periodOf(ledger: LedgerState, name: 'day' | PeriodName) {
  const book = ledger.books![name];
  return {
    ...spanOf(book),
    ...stated(amountsSoFar(ledger, book)),
    estimatedShare: estimatedShareOf(book),
    coverage: coverageIn(ledger, name),
  };
}

const coverageIn = ({ books, lastAtMs }: LedgerState, name: 'day' | PeriodName): number =>
  coverageOf(books!, name, lastAtMs ?? books![name].startMs);

function estimatedShareOf({ amounts, estimated }: PeriodBook): number {
  const all = Object.values(amounts).reduce((sum, amount) => sum + amount, 0);
  const part = Object.values(estimated).reduce((sum, amount) => sum + amount, 0);
  return all > 0 ? Math.round((part / all) * 1e6) / 1e6 : 0;
}

function phaseMessages({ analysis }: MeterState): NonNullable<EnergyAnalysis['phases']> {
  const { phaseEnergy } = analysis;
  if (!phaseEnergy) return [];
  return phaseNames.flatMap((phase, i) => {
    const amounts = phaseAmounts(phaseEnergy, i);
    return amounts ? { phase, ...amounts } : [];
  });
}

/** A price that came late makes another final of a day, newer than that of the day's end. */
export const stampOfDay = (state: MeterState, { repriced }: ClosedDay): Stamp =>
  repriced ? state : state.dayClosedBy!;

/** The final of a local day. */
export const dayMessage = (
  state: MeterState,
  closedBy: Stamp,
  { day, cost, repriced }: ClosedDay,
  site: Site,
): DayAnalysis => ({
  ...resultOf(state, closedBy),
  date: day.name,
  ...spanOf(day),
  ...stated(day.amounts),
  ...(cost ? costOfDay(cost, tariffAt(day.startMs, site)) : {}),
  ...(repriced ? { repriced } : {}),
  quarters: quarterMessages(day),
});

const costOfDay = ({ cost, provisional }: DayCost, { currency }: Tariff) => ({
  cost: fromMicro(totalMicro(cost)),
  currency,
  ...(provisional ? { provisional } : {}),
});

/** The tariff of an instant; before the first one, which prices nothing, that one. */
export function tariffAt(atMs: number, { plan, calendar }: Site): Tariff {
  const period = billedPeriodOf(atMs, plan, calendar);
  return (period?.planned ?? plan[0]!).tariff;
}

/** The last day that closed, to be said again by a replica that has just taken the meter. */
export function lastDayMessage(state: MeterState, site: Site): DayAnalysis | null {
  const day = state.analysis.ledger.closedDay;
  if (!day || !state.dayClosedBy) return null;
  const cost = dayCostOf(state.analysis, day, site);
  return dayMessage(state, state.dayClosedBy, { day, cost }, site);
}

/** Cost of today, the month and the bill that is open; null for a meter that is not billed. */
export function costMessage(state: MeterState, site: Site): CostAnalysis | null {
  const meter = billedMeterOf(state.analysis);
  const soFar = meter && costSoFar(meter, site);
  if (!soFar) return null;
  const { currency, name } = tariffAt(meter.ledger.books!.day.startMs, site);
  return {
    ...resultOf(state, state),
    currency,
    tariff: name,
    today: costOfSpan(soFar.today),
    month: costOfSpan(soFar.month),
    period: costOfSpan(soFar.period),
    ...(soFar.provisional ? { provisional: true } : {}),
  };
}

/** Demand of the running quarter-hour and the month's peak; null where no demand is known. */
export function peakMessage(state: MeterState): PeakAnalysis | null {
  const { demand, ledger } = state.analysis;
  if (!demand?.running) return null;
  const { startMs, elapsedMs, energyWh, averageW, predictedW, meanPowerW, measured } =
    demand.running;
  const peak = peakOfMonth(demand.peaks, ledger.books!.month.name);
  return {
    ...resultOf(state, state),
    quarter: {
      start: instant(startMs),
      elapsedS: elapsedMs / 1000,
      importWh: energyWh,
      averageW,
      predictedW,
      meanPowerW,
      estimated: !measured,
    },
    month: {
      peakW: peak?.peakW ?? null,
      peakAt: typeof peak?.atMs === 'number' ? instant(peak.atMs) : null,
    },
  };
}

export const instant = (atMs: number): string => new Date(atMs).toISOString();

export const resultOf = ({ meter, medium, role }: MeterState, { epoch, seq, at }: Stamp) => ({
  v: 1 as const,
  meter,
  medium,
  role,
  at,
  epoch,
  seq,
});

const spanOf = ({ startMs, endMs }: PeriodBook) => ({ from: instant(startMs), to: instant(endMs) });

/** The contract has one field for heat, whichever way it flows. */
const stated = ({ coolingJ, ...amounts }: Amounts): Omit<Amounts, 'coolingJ'> =>
  coolingJ === undefined || amounts.heatJ !== undefined ? amounts : { ...amounts, heatJ: coolingJ };

const quarterMessages = (day: DayBook): QuarterMessage[] => quartersOf(day).map(quarterMessage);

const quarterMessage = ({ startMs, amounts, quality }: Quarter): QuarterMessage => ({
  start: instant(startMs),
  ...stated(amounts),
  estimated: quality !== 'measured',
});

const costOfSpan = (cost: Cost): CostAnalysis['today'] => ({
  import: fromMicro(cost.importMicro),
  export: fromMicro(cost.exportMicro),
  fixed: fromMicro(cost.fixedMicro),
  total: fromMicro(totalMicro(cost)),
});
