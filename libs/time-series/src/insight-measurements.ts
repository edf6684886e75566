import type { Measurement } from './points.js';

export const meterTags = ['meter', 'medium', 'role'] as const;

/** What the analysis knows beyond energy and cost; each point is written when it changes. */
export const insightMeasurements = {
  baseload: {
    about: 'What the home draws at rest: median of two weeks, and where it stands.',
    tags: meterTags,
    fields: {
      baseloadW: 'float',
      liveW: 'float',
      trendW: 'float',
      standbyShare: 'float',
      yearWh: 'integer',
    },
  },
  anomaly: {
    about: 'Something odd, at its beginning; `lastMs` is when it was last seen to go on.',
    tags: [...meterTags, 'kind'],
    fields: {
      lastMs: 'integer',
      excessWhPerDay: 'integer',
      confidence: 'string',
      reason: 'string',
      reasonKo: 'string',
    },
  },
  forecast: {
    about:
      'The load of an hour, at its start. `issue`: `midnight` is what the day’s first midnight ' +
      'said of it, `latest` what was said last.',
    tags: [...meterTags, 'issue'],
    fields: {
      meanWh: 'float',
      typicalWh: 'float',
      p10Wh: 'float',
      p50Wh: 'float',
      p90Wh: 'float',
    },
  },
  skill: {
    about: 'How good the forecast was in the four weeks before a local day, at its start.',
    tags: meterTags,
    fields: { days: 'integer', mase: 'float', nmae: 'float', coverage: 'float' },
  },
  quality: {
    about: 'Ten-minute means of the connection, and how complete the month’s data are.',
    tags: meterTags,
    fields: {
      coverage: 'float',
      estimatedShare: 'float',
      unbalance: 'float',
      neutralA: 'float',
      voltageL1V: 'float',
      voltageL2V: 'float',
      voltageL3V: 'float',
      bandShareL1: 'float',
      bandShareL2: 'float',
      bandShareL3: 'float',
      highestL1A: 'float',
      highestL2A: 'float',
      highestL3A: 'float',
    },
  },
  carbon: {
    about: 'CO2 of today and this month so far.',
    tags: meterTags,
    fields: {
      importTodayG: 'float',
      exportTodayG: 'float',
      importMonthG: 'float',
      gPerKWh: 'float',
      liveShare: 'float',
    },
  },
} as const satisfies Record<string, Measurement>;
