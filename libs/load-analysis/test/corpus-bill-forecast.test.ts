import { expect } from '@jest/globals';
import {
  addDayEnergy,
  initialDayEnergy,
  periodForecast,
  type DayEnergyState,
} from '../src/bill-forecast/month-forecast.js';
import { homes, testWithTimeSeries, type Home } from './corpus.js';

const DAY_MS = 86_400_000;
const DAY_HOURS = 24;
const MONTH_DAYS_MIN = 28;
/** Days of the month, and the published error of the weighted mean over other homes, in %. */
const table = [
  { day: 5, mape: 13.4 },
  { day: 10, mape: 10 },
  { day: 15, mape: 8.7 },
  { day: 20, mape: 5.6 },
] as const;

/** Energy of whole months, day by day, with what was known after each day. */
function monthsOf({ firstDay, kwh }: Home): { dayWh: number; state: DayEnergyState }[][] {
  const months = new Map<string, { dayWh: number; state: DayEnergyState }[]>();
  let state = initialDayEnergy;
  for (let day = 0; (day + 1) * DAY_HOURS <= kwh.length; day += 1) {
    const hours = kwh.slice(day * DAY_HOURS, (day + 1) * DAY_HOURS);
    const dayWh = 1000 * hours.reduce<number>((sum, hour) => sum + (hour ?? 0), 0);
    state = addDayEnergy(state, dayWh);
    const month = new Date((firstDay + day) * DAY_MS).toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), { dayWh, state }]);
  }
  return [...months.values()].slice(1, -1).filter(({ length }) => length >= MONTH_DAYS_MIN);
}

const sumWh = (days: readonly { dayWh: number }[]): number =>
  days.reduce((sum, { dayWh }) => sum + dayWh, 0);

testWithTimeSeries(
  'the energy of a month is known as well as published, with an honest band',
  () => {
    const months = homes().flatMap(monthsOf);
    let covered = 0;
    const lines = table.map(({ day, mape }) => {
      let error = 0;
      for (const month of months) {
        const totalWh = sumWh(month);
        const forecast = periodForecast(month[day - 1]!.state, {
          soFarWh: sumWh(month.slice(0, day)),
          elapsedDays: day,
          remainingDays: month.length - day,
        })!;
        error += Math.abs(forecast.p50Wh - totalWh) / totalWh;
        if (forecast.p10Wh <= totalWh && totalWh <= forecast.p90Wh) covered += 1;
      }
      const share = (100 * error) / months.length;
      expect(share).toBeLessThanOrEqual(mape);
      return `day ${day}: ${share.toFixed(1)} % (table ${mape} %)`;
    });
    const share = covered / months.length / table.length;
    console.log(
      `${months.length} months; ${lines.join(', ')}; in the 80 % band ${(100 * share).toFixed(1)} %`,
    );
    expect(share).toBeGreaterThanOrEqual(0.75);
    expect(share).toBeLessThanOrEqual(0.88);
  },
);
