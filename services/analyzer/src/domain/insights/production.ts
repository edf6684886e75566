import {
  HOUR_MS,
  productionForecast,
  SKILL_DAYS_MAX,
  type ForecastSpan,
  type PvForecast,
} from '@wattbus/load-analysis';
import type { ExpectedSpan, ForecastAnalysis } from '@wattbus/mqtt-contract';
import type { Calendar } from '@wattbus/tariffs';
import { explained, rounded, type Subject } from './insight.js';
import { reasonsOf } from './texts.js';

const HOURS_TOLD = 24;
const HOURS = 48;

/** The forecast of panels: no load, but what they give. */
export function productionMessage(
  subject: Subject,
  calendar: Calendar,
  spanOf: (span: ForecastSpan) => ExpectedSpan,
): ForecastAnalysis | null {
  const { consumption } = subject.state.analysis;
  const known = consumption && productionForecast(consumption, calendar);
  if (!known) return null;
  const { fromMs, skill } = known;
  return {
    ...explained(subject, {
      fromMs,
      toMs: fromMs + HOURS * HOUR_MS,
      coverage: known.days / SKILL_DAYS_MAX,
      reasons: reasonOf(known),
    }),
    quarters: [],
    hours: [],
    today: [],
    skill: null,
    production: {
      quarters: known.quarters.map(spanOf),
      hours: known.hours.map(spanOf),
      skill: skill && { feedNmae: rounded(skill.feedNmae, 4), nmae: rounded(skill.nmae, 4) },
    },
  };
}

function reasonOf({ fromMs, hours, skill }: PvForecast): ReturnType<typeof reasonsOf> {
  const told = hours.filter(({ startMs }) => startMs < fromMs + HOURS_TOLD * HOUR_MS);
  if (told.length === 0) return reasonsOf('noProduction');
  const kwh = rounded(told.reduce((sum, { meanWh }) => sum + meanWh, 0) / 1000, 1);
  return skill
    ? reasonsOf('judgedProduction', { kwh, error: rounded(skill.nmae * 100) })
    : reasonsOf('production', { kwh });
}
