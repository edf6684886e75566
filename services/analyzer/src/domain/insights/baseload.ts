import { baseloadOf, MEDIAN_DAYS } from '@wattbus/load-analysis';
import { topics, type BaseloadAnalysis } from '@wattbus/mqtt-contract';
import { dayNumbered, explained, rounded, type Insight } from './insight.js';
import { reasonsOf } from './texts.js';

/** Of loads: what panels make at night is no rest. */
export const baseload: Insight<BaseloadAnalysis> = {
  topic: topics.baseloadAnalysis,
  parts: ({ consumption }) => [consumption?.baseload],
  version: ({ consumption }) => {
    const { days, liveW } = consumption?.baseload ?? { days: [], liveW: null };
    return days.length === 0 || liveW === null ? null : `${days.at(-1)!.day} ${Math.round(liveW)}`;
  },
  make: (subject, { calendar }) => {
    const state = subject.state.analysis.consumption!.baseload;
    const known = baseloadOf(state);
    if (!known || subject.state.role === 'pv') return null;
    const { baseloadW, liveW, trendW, standbyShare, yearWh } = known;
    const days = state.days.slice(-MEDIAN_DAYS);
    return {
      ...explained(subject, {
        fromMs: dayNumbered(calendar, days[0]!.day).startMs,
        toMs: dayNumbered(calendar, days.at(-1)!.day).endMs,
        coverage: days.length / MEDIAN_DAYS,
        reasons: reasonsOf('baseload', {
          baseloadW: Math.round(baseloadW),
          share: rounded(standbyShare * 100),
          yearKwh: rounded(yearWh / 1000),
        }),
      }),
      baseloadW: rounded(baseloadW, 1),
      liveW: Math.round(liveW),
      trendW: trendW === null ? null : rounded(trendW, 1),
      standbyShare: rounded(standbyShare, 4),
      yearWh,
    };
  },
};
