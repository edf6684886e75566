import {
  hourlyForecast,
  HOUR_MS,
  localQuarter,
  QUARTER_MS,
  SKILL_DAYS_MAX,
  todaySoFar,
  type ForecastSpan,
  type HourEstimate,
  type HourOfToday,
  type SkillSummary,
} from '@wattbus/load-analysis';
import { topics, type ExpectedSpan, type ForecastAnalysis } from '@wattbus/mqtt-contract';
import type { LocalSpan } from '@wattbus/tariffs';
import { dayNumbered, explained, instant, rounded, type Insight } from './insight.js';
import { productionMessage } from './production.js';
import { reasonsOf } from './texts.js';

const HOURS_TOLD = 24;

/** Once an hour, when its last quarter-hour has closed. */
export const forecast: Insight<ForecastAnalysis> = {
  topic: topics.forecastAnalysis,
  parts: ({ consumption }) => [consumption?.turn, consumption?.forecast, consumption?.pv],
  version: ({ consumption }) => {
    if (consumption?.pv) return String(consumption.pv.fromMs);
    return consumption?.turn && consumption.forecast.unitWh !== null
      ? String(consumption.turn.fromMs)
      : null;
  },
  make: (subject, { calendar }) => {
    const consumption = subject.state.analysis.consumption!;
    if (consumption.pv) return productionMessage(subject, calendar, expectedSpan);
    const known = hourlyForecast(consumption, calendar);
    if (!known) return null;
    const { quarters, hours, skill } = known;
    const { fromMs } = consumption.turn!;
    const { today } = consumption.forecast;
    return {
      ...explained(subject, {
        fromMs,
        toMs: quarters.at(-1)!.startMs + QUARTER_MS,
        coverage: (skill?.days ?? 0) / SKILL_DAYS_MAX,
        reasons: reasonOf(hours, skill),
      }),
      quarters: quarters.map(expectedSpan),
      hours: hours.map(expectedSpan),
      today: today
        ? hoursOf(dayNumbered(calendar, today.day), todaySoFar(consumption.forecast))
        : [],
      skill: skill && roundedSkill(skill),
    };
  },
};

const expectedSpan = ({ startMs, ...estimate }: ForecastSpan): ExpectedSpan => ({
  start: instant(startMs),
  ...roundedEstimate(estimate),
});

const roundedEstimate = (estimate: HourEstimate): Omit<ExpectedSpan, 'start'> => ({
  meanWh: rounded(estimate.meanWh, 1),
  typicalWh: rounded(estimate.typicalWh, 1),
  p10Wh: rounded(estimate.p10Wh, 1),
  p50Wh: rounded(estimate.p50Wh, 1),
  p90Wh: rounded(estimate.p90Wh, 1),
});

/** Models count the hours of the clock; the day may have one less or one twice. */
function hoursOf(day: LocalSpan, hours: readonly HourOfToday[]): ForecastAnalysis['today'] {
  const told: ForecastAnalysis['today'] = [];
  for (let startMs = day.startMs; startMs + HOUR_MS <= day.endMs; startMs += QUARTER_MS) {
    const { hour, quarter } = localQuarter(startMs, day);
    const known = hours[hour];
    if (quarter !== 0 || !known) continue;
    told.push({
      start: instant(startMs),
      expected: known.expected && roundedEstimate(known.expected),
      actualWh: known.actualWh,
    });
  }
  return told;
}

const roundedSkill = (skill: SkillSummary): NonNullable<ForecastAnalysis['skill']> => ({
  days: skill.days,
  mase: rounded(skill.mase, 4),
  nmae: rounded(skill.nmae, 4),
  bias: { typical: rounded(skill.bias.typical, 4), mean: rounded(skill.bias.mean, 4) },
  coverage: rounded(skill.coverage, 4),
  pinball: skill.pinball.map((cost) => rounded(cost, 4)),
  model: { ...skill.model },
});

function reasonOf(
  hours: readonly ForecastSpan[],
  skill: SkillSummary | null,
): ReturnType<typeof reasonsOf> {
  const wh = hours.slice(0, HOURS_TOLD).reduce((sum, { meanWh }) => sum + meanWh, 0);
  const kwh = rounded(wh / 1000, 1);
  return skill
    ? reasonsOf('judgedForecast', { kwh, error: rounded(skill.nmae * 100) })
    : reasonsOf('forecast', { kwh });
}
