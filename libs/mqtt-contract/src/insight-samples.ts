/** Valid payloads of the topics about habits, rest, oddities and what is to come. */

const result = {
  v: 1,
  meter: 'main',
  medium: 'electricity',
  role: 'grid',
  at: '2026-03-29T03:00:00.000+02:00',
  epoch: 'k3v9q2',
  seq: 42,
} as const;

export const baseloadAnalysis = {
  ...result,
  from: '2026-03-14T23:00:00.000Z',
  to: '2026-03-28T23:00:00.000Z',
  coverage: 1,
  baseloadW: 182,
  liveW: 187,
  trendW: 12,
  standbyShare: 0.38,
  yearWh: 1_594_320,
  reasons: {
    en: 'At rest the home takes 182 W, 38 % of all its energy: 1594 kWh a year.',
    ko: '대기 상태에서 182 W를 사용합니다. 전체 사용량의 38 %, 1년에 1594 kWh입니다.',
  },
};

export const anomaly = {
  kind: 'sustained' as const,
  from: '2026-03-28T17:00:00.000Z',
  excessWhPerDay: 12_048,
  confidence: 'normal' as const,
  reasons: {
    en: 'For 8 h the home has taken 502 W more than usual: was something left on?',
    ko: '8시간 동안 평소보다 502 W 더 사용하고 있습니다. 켜 둔 기기가 있는지 확인하세요.',
  },
};

export const anomalyAnalysis = {
  ...result,
  from: '2026-02-28T23:00:00.000Z',
  to: '2026-03-28T23:00:00.000Z',
  coverage: 1,
  learning: false,
  open: [anomaly],
  reasons: anomaly.reasons,
};

export const applianceAnalysis = {
  ...result,
  from: '2026-03-28T23:00:00.000Z',
  to: '2026-03-29T22:00:00.000Z',
  coverage: 0.998,
  devices: [
    {
      device: 1,
      powerW: 2_012,
      durationS: 164,
      runs: 311,
      runsToday: 4,
      runsPerDay: 9.2,
      lastAt: '2026-03-29T00:41:10.000Z',
    },
  ],
  reasons: {
    en: '1 load of more than 1 kW is known; the one of 2012 W ran 4 times today.',
    ko: '1 kW 이상인 부하 1개를 알고 있습니다. 2012 W 부하가 오늘 4번 작동했습니다.',
  },
};

const expected = { meanWh: 311, typicalWh: 290, p10Wh: 190, p50Wh: 288, p90Wh: 520 };

export const forecastAnalysis = {
  ...result,
  from: '2026-03-29T01:00:00.000Z',
  to: '2026-03-31T01:00:00.000Z',
  coverage: 1,
  quarters: [
    {
      start: '2026-03-29T01:00:00.000Z',
      ...{ meanWh: 78, typicalWh: 73, p10Wh: 48, p50Wh: 72, p90Wh: 130 },
    },
  ],
  hours: [{ start: '2026-03-29T01:00:00.000Z', ...expected }],
  today: [{ start: '2026-03-28T23:00:00.000Z', expected, actualWh: 342 }],
  skill: {
    days: 28,
    mase: 0.82,
    nmae: 0.43,
    bias: { typical: -0.06, mean: 0.01 },
    coverage: 0.79,
    pinball: [0.08, 0.21, 0.14],
    model: { typical: 'logarithmic', mean: 'leastSquares' },
  },
  reasons: {
    en: 'In the next 24 h about 9.4 kWh are expected; of late the error was 43 % of an hour’s load.',
    ko: '앞으로 24시간 동안 약 9.4 kWh를 예상합니다. 최근 시간별 오차는 43 %였습니다.',
  },
};

export const qualityAnalysis = {
  ...result,
  from: '2026-02-28T23:00:00.000Z',
  to: '2026-03-31T22:00:00.000Z',
  coverage: 0.997,
  estimatedShare: 0.002,
  phases: [
    {
      phase: 'L1' as const,
      voltageV: 231.2,
      bandShare: 1,
      low: false,
      currentA: 1.9,
      highestA: 9.1,
    },
  ],
  unbalance: null,
  neutralA: null,
  counters: { powerFailureCount: 3, longPowerFailureCount: 1 },
  reasons: {
    en: 'Voltage was within ±10 % all week; readings cover 99.7 % of the month.',
    ko: '이번 주 전압은 모두 ±10 % 이내였습니다. 이번 달의 99.7 %가 측정되었습니다.',
  },
};

export const carbonAnalysis = {
  ...result,
  from: '2026-03-28T23:00:00.000Z',
  to: '2026-03-29T22:00:00.000Z',
  coverage: 1,
  today: { importG: 217.6, exportG: 0, gPerKWh: 268, liveShare: 1 },
  month: { importG: 61_329, exportG: 4_505, gPerKWh: 290, liveShare: 0.94 },
  reasons: {
    en: 'The grid’s energy of today caused 0.22 kg of CO2, 268 g a kilowatt-hour.',
    ko: '오늘 받은 전력량의 CO2 배출은 0.22 kg, kWh당 268 g입니다.',
  },
};

export const carbonFeed = {
  v: 1 as const,
  slots: [
    { start: '2026-03-29T00:00:00.000Z', end: '2026-03-29T01:00:00.000Z', gPerKWh: 250 },
    { start: '2026-03-29T01:00:00.000Z', end: '2026-03-29T02:00:00.000Z', gPerKWh: 268 },
  ],
};

export const temperatureFeed = {
  v: 1 as const,
  slots: [
    { start: '2026-03-29T00:00:00.000Z', end: '2026-03-29T01:00:00.000Z', celsius: 6.4 },
    { start: '2026-03-29T01:00:00.000Z', end: '2026-03-29T02:00:00.000Z', celsius: 5.9 },
  ],
};

export const pvForecastFeed = {
  v: 1 as const,
  slots: [
    { start: '2026-03-29T10:00:00.000Z', end: '2026-03-29T11:00:00.000Z', powerW: 2_840 },
    { start: '2026-03-29T11:00:00.000Z', end: '2026-03-29T12:00:00.000Z', powerW: 3_105 },
  ],
};

export const siteAway = {
  v: 1 as const,
  from: '2026-07-04T06:00:00.000Z',
  to: '2026-07-18T18:00:00.000Z',
};
