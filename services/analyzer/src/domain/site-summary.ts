import type {
  AnomalyAnalysis,
  BaseloadAnalysis,
  CarbonAnalysis,
  CostAnalysis,
  EnergyAnalysis,
  PeakAnalysis,
  SiteAnalysis,
} from '@wattbus/mqtt-contract';
import { flowsOf } from './flows.js';
import { insightsOf, type HourlyForecast } from './site-insights.js';

type Amounts = SiteAnalysis['meters'][number]['today'];

/** A list of thousands would be a megabyte, for everybody who listens, every second. */
const METERS_LISTED_MAX = 100;

/** The newest results of each meter, as they are on the bus. */
export interface SiteState {
  readonly energy: ReadonlyMap<string, EnergyAnalysis>;
  readonly cost: ReadonlyMap<string, CostAnalysis>;
  readonly peak: ReadonlyMap<string, PeakAnalysis>;
  readonly baseload: ReadonlyMap<string, BaseloadAnalysis>;
  readonly anomaly: ReadonlyMap<string, AnomalyAnalysis>;
  readonly forecast: ReadonlyMap<string, HourlyForecast>;
  readonly carbon: ReadonlyMap<string, CarbonAnalysis>;
}

/** Of two results of a meter, the one that holds the newer reading. */
export const isNewer = (
  known: { readonly at: string } | undefined,
  result: { readonly at: string },
): boolean => !known || Date.parse(result.at) >= Date.parse(known.at);

/**
 * The whole site: what its grid meters say together, and each meter beside it. A meter that has
 * not spoken since the newest local day, or month, began adds nothing to it. Null before the first
 * result.
 */
export function summarise(
  state: SiteState,
  { zone, currency }: { zone: string; currency: string },
): SiteAnalysis | null {
  const { energy, cost, peak } = state;
  const all = [...energy.values()].sort((a, b) => (a.meter < b.meter ? -1 : 1));
  if (all.length === 0) return null;
  const newest = all.reduce((a, b) => (isNewer(a, b) ? b : a));
  const grid = all.filter(({ role, medium }) => role === 'grid' && medium === 'electricity');
  const ofToday = grid.filter(({ today }) => today.date === newest.today.date);
  const ofMonth = grid.filter(({ month }) => month.month === newest.month.month);
  const costs = (meters: readonly EnergyAnalysis[]): CostAnalysis[] => known(meters, cost);
  const peaks = known(ofToday, peak);
  const highest = peaks
    .map(({ month }) => month)
    .filter(({ peakW }) => peakW !== null)
    .sort((a, b) => b.peakW! - a.peakW!)[0];
  return {
    v: 1,
    at: newest.at,
    zone,
    currency,
    powerW: sumOrNull(grid.map(({ powerW }) => powerW)),
    importTodayWh: sum(ofToday.map(({ today }) => today.importWh ?? 0)),
    exportTodayWh: sum(ofToday.map(({ today }) => today.exportWh ?? 0)),
    importMonthWh: sum(ofMonth.map(({ month }) => month.importWh ?? 0)),
    exportMonthWh: sum(ofMonth.map(({ month }) => month.exportWh ?? 0)),
    costToday: money(sum(costs(ofToday).map(({ today }) => today.total))),
    costMonth: money(sum(costs(ofMonth).map(({ month }) => month.total))),
    demandAverageW: sumOrNull(peaks.map(({ quarter }) => quarter.averageW)),
    demandPredictedW: sumOrNull(peaks.map(({ quarter }) => quarter.predictedW)),
    demandPeakMonthW: highest?.peakW ?? null,
    demandPeakMonthAt: highest?.peakAt ?? null,
    ...periodsOf(grid),
    ...flowsOf(all),
    ...insightsOf(state, ofMonth),
    meters: all.slice(0, METERS_LISTED_MAX).map(meterEntry),
    ...(all.length > METERS_LISTED_MAX && { metersLeftOut: all.length - METERS_LISTED_MAX }),
  };
}

/** Week, year and billing period of the grid meters that are in the newest of them. */
function periodsOf(
  grid: readonly EnergyAnalysis[],
): Pick<SiteAnalysis, 'week' | 'year' | 'billing'> {
  const { week, year, billing } = grid.reduce<Partial<EnergyAnalysis>>(
    (newest, one) =>
      newest.at === undefined || isNewer(newest as EnergyAnalysis, one) ? one : newest,
    {},
  );
  const sums = (
    periods: readonly (Amounts | undefined)[],
  ): { importWh: number; exportWh: number } => ({
    importWh: sum(periods.map((period) => period?.importWh ?? 0)),
    exportWh: sum(periods.map((period) => period?.exportWh ?? 0)),
  });
  return {
    ...(week && {
      week: sums(grid.map((one) => (one.week?.week === week.week ? one.week : undefined))),
    }),
    ...(year && {
      year: sums(grid.map((one) => (one.year?.year === year.year ? one.year : undefined))),
    }),
    ...(billing && {
      billing: {
        from: billing.from,
        to: billing.to,
        ...sums(grid.map((one) => (one.billing?.from === billing.from ? one.billing : undefined))),
      },
    }),
  };
}

function meterEntry(result: EnergyAnalysis): SiteAnalysis['meters'][number] {
  const { meter, medium, role, at, powerW } = result;
  return {
    meter,
    medium,
    role,
    at,
    ...(powerW === undefined ? {} : { powerW }),
    today: amountsOf(result.today),
    month: amountsOf(result.month),
  };
}

const amountsOf = ({ importWh, exportWh, volumeL, heatJ }: Amounts): Amounts => ({
  ...(importWh === undefined ? {} : { importWh }),
  ...(exportWh === undefined ? {} : { exportWh }),
  ...(volumeL === undefined ? {} : { volumeL }),
  ...(heatJ === undefined ? {} : { heatJ }),
});

const known = <Result>(
  meters: readonly EnergyAnalysis[],
  results: ReadonlyMap<string, Result>,
): Result[] =>
  meters.flatMap(({ meter }) => {
    const result = results.get(meter);
    return result ? [result] : [];
  });

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Decimals of the parts add up to no more decimals than they have themselves. */
const money = (amount: number): number => Math.round(amount * 1e6) / 1e6;

function sumOrNull(values: readonly (number | undefined)[]): number | null {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? null : sum(there);
}
