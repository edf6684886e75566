import { ForecastAnalysis, type EnergyAnalysis, type SiteAnalysis } from '@wattbus/mqtt-contract';
import type { SiteState } from './site-summary.js';

type Insights = Pick<SiteAnalysis, 'standby' | 'forecast' | 'carbon' | 'anomalies'>;

/** As much of a forecast as is summed up: its quarter-hours would be most of what is kept. */
export const HourlyForecast = ForecastAnalysis.pick({
  meter: true,
  at: true,
  hours: true,
  today: true,
});
export type HourlyForecast = Pick<ForecastAnalysis, 'meter' | 'at' | 'hours' | 'today'>;

const ANOMALIES_MAX = 64;
const HOURS_A_DAY_MAX = 25;
/** Below this a month's mean price would be made of rounding. */
const PRICED_WH_MIN = 1_000;

/** What the site knows of its grid meters beyond sums, and what is odd at any meter. */
export function insightsOf(state: SiteState, grid: readonly EnergyAnalysis[]): Insights {
  const pricePerWh = meanPricePerWh(state, grid);
  const names = grid.map(({ meter }) => meter);
  return {
    ...standbyOf(state, names, pricePerWh),
    ...forecastOf(state, names),
    ...carbonOf(state, names),
    anomalies: anomaliesOf(state, pricePerWh),
  };
}

/** What the month's energy has cost so far, by its energy; null where little is known. */
function meanPricePerWh({ cost }: SiteState, grid: readonly EnergyAnalysis[]): number | null {
  const priced = grid.filter(({ meter }) => cost.has(meter));
  const importWh = sum(priced.map(({ month }) => month.importWh ?? 0));
  if (importWh < PRICED_WH_MIN) return null;
  return sum(priced.map(({ meter }) => cost.get(meter)!.month.import)) / importWh;
}

function standbyOf(
  { baseload }: SiteState,
  names: readonly string[],
  pricePerWh: number | null,
): Pick<Insights, 'standby'> {
  const known = names.flatMap((meter) => baseload.get(meter) ?? []);
  if (known.length === 0) return {};
  const yearWh = sum(known.map((one) => one.yearWh));
  const trends = known.map(({ trendW }) => trendW);
  return {
    standby: {
      baseloadW: sum(known.map(({ baseloadW }) => baseloadW)),
      yearWh,
      yearCost: moneyOf(yearWh, pricePerWh),
      trendW: trends.some((trendW) => trendW === null) ? null : sum(trends.map((w) => w ?? 0)),
    },
  };
}

function forecastOf({ forecast }: SiteState, names: readonly string[]): Pick<Insights, 'forecast'> {
  const known = names.flatMap((meter) => forecast.get(meter) ?? []);
  if (known.length === 0) return {};
  return {
    forecast: {
      todayWh: tenth(sum(known.map(todayWh))),
      tomorrowWh: tenth(sum(known.map(tomorrowWh))),
    },
  };
}

/** Hours that are over as they were, those to come as they are forecast now. */
function todayWh({ today, hours }: HourlyForecast): number {
  const expected = new Map(hours.map(({ start, meanWh }) => [start, meanWh]));
  return sum(
    today.map(
      ({ start, actualWh, expected: midnight }) =>
        actualWh ?? expected.get(start) ?? midnight?.meanWh ?? 0,
    ),
  );
}

/** The hours after today's last one, as many as make a day. */
function tomorrowWh({ today, hours }: HourlyForecast): number {
  const last = today.at(-1)?.start ?? '';
  const following = hours.filter(({ start }) => start > last);
  const count = Math.min(HOURS_A_DAY_MAX - 1, following.length);
  return sum(following.slice(0, count).map(({ meanWh }) => meanWh));
}

function carbonOf({ carbon }: SiteState, names: readonly string[]): Pick<Insights, 'carbon'> {
  const known = names.flatMap((meter) => carbon.get(meter) ?? []);
  if (known.length === 0) return {};
  const importWh = known.map(({ today }) =>
    today.gPerKWh === null ? 0 : (today.importG * 1000) / today.gPerKWh,
  );
  const todayG = sum(known.map(({ today }) => today.importG));
  const allWh = sum(importWh);
  return {
    carbon: {
      todayG: tenth(todayG),
      monthG: tenth(sum(known.map(({ month }) => month.importG))),
      gPerKWh: allWh > 0 ? tenth((todayG * 1000) / allWh) : null,
    },
  };
}

function anomaliesOf(
  { anomaly }: SiteState,
  pricePerWh: number | null,
): NonNullable<Insights['anomalies']> {
  return [...anomaly.values()]
    .flatMap(({ meter, open }) =>
      open.map((one) => ({ ...one, meter, costPerDay: moneyOf(one.excessWhPerDay, pricePerWh) })),
    )
    .sort((a, b) => (a.from === b.from ? (a.meter < b.meter ? -1 : 1) : a.from < b.from ? 1 : -1))
    .slice(0, ANOMALIES_MAX);
}

const moneyOf = (wh: number, pricePerWh: number | null): number | null =>
  pricePerWh === null ? null : Math.round(wh * pricePerWh * 100) / 100;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const tenth = (value: number): number => Math.round(value * 10) / 10;
