import { anomaly } from './insight-samples.js';

/** Samples of what the analyzers say; those of all else are beside them. */

export const result = {
  v: 1,
  meter: 'main',
  medium: 'electricity',
  role: 'grid',
  at: '2026-03-29T03:15:00.000+02:00',
  epoch: 'k3v9q2',
  seq: 42,
} as const;

const today = {
  date: '2026-03-29',
  from: '2026-03-29T00:00:00.000+01:00',
  to: '2026-03-30T00:00:00.000+02:00',
  importWh: 812,
  exportWh: 0,
};

const month = {
  month: '2026-03',
  from: '2026-03-01T00:00:00.000+01:00',
  to: '2026-04-01T00:00:00.000+02:00',
  importWh: 211_480,
  exportWh: 18_022,
};

const quarter = {
  start: '2026-03-28T23:00:00.000Z',
  importWh: 92,
  exportWh: 0,
  estimated: false,
};
export const energyAnalysis = {
  ...result,
  powerW: 431,
  today: { ...today, estimatedShare: 0, coverage: 1 },
  month: { ...month, estimatedShare: 0.002, coverage: 0.997 },
  week: {
    week: '2026-W13',
    from: '2026-03-23T00:00:00.000+01:00',
    to: '2026-03-30T00:00:00.000+02:00',
    importWh: 48_911,
    exportWh: 4_020,
    estimatedShare: 0,
    coverage: 1,
  },
  year: {
    year: '2026',
    from: '2026-01-01T00:00:00.000+01:00',
    to: '2027-01-01T00:00:00.000+01:00',
    importWh: 702_118,
    exportWh: 30_411,
    estimatedShare: 0.001,
    coverage: 0.998,
  },
  billing: {
    from: '2026-03-15T00:00:00.000+01:00',
    to: '2026-04-15T00:00:00.000+02:00',
    importWh: 96_004,
    exportWh: 9_200,
    estimatedShare: 0,
    coverage: 1,
  },
  phases: [
    {
      phase: 'L1' as const,
      today: { importWh: 812, exportWh: 0 },
      month: { importWh: 211_480, exportWh: 18_022 },
    },
  ],
  quarters: [quarter],
  coverage: 1,
};

export const dayAnalysis = {
  ...result,
  ...today,
  cost: 2.41,
  currency: 'EUR',
  quarters: [quarter],
};

const { at, epoch, seq, ...whose } = result;

export const recentDays = {
  ...whose,
  days: [
    {
      ...today,
      at,
      epoch,
      seq,
      cost: 2.41,
      currency: 'EUR',
      quarters: { importWh: [92, 88], exportWh: [0, 0], estimated: [0 as const, 0 as const] },
    },
  ],
};

export const costAnalysis = {
  ...result,
  currency: 'EUR',
  tariff: 'flat',
  today: { import: 0.2436, export: 0, fixed: 0.4, total: 0.6436 },
  month: { import: 63.444, export: -1.44176, fixed: 11.6, total: 73.60224 },
};

export const billAnalysis = {
  ...result,
  currency: 'EUR',
  tariff: 'flat',
  period: { from: '2026-03-14T23:00:00.000Z', to: '2026-04-14T22:00:00.000Z' },
  coverage: 1,
  provisional: false,
  importWh: 211_480,
  today: 0.6436,
  lines: [
    { id: 'import', title: 'import', amount: 63.44 },
    { id: 'day', title: 'day', amount: 12.4 },
  ],
  total: 75.84,
  forecast: {
    p10: { importWh: 402_000, total: 133 },
    p50: { importWh: 430_000, total: 141.4 },
    p90: { importWh: 458_000, total: 149.8 },
  },
  nextBlock: {
    fromWh: 400_000,
    pricePerKWh: 0.35,
    jump: 0,
    reachedAt: '2026-04-12T17:30:00.000Z',
  },
  price: {
    now: 0.3,
    export: 0,
    slots: [
      { start: '2026-03-29T01:15:00.000Z', end: '2026-03-30T22:00:00.000Z', pricePerKWh: 0.3 },
    ],
  },
  capacity: {
    peakW: 4_564,
    peakAt: '2026-03-11T17:30:00.000Z',
    cost: 19.92,
    costPerKW: 4.36,
    bills: 12,
  },
  reasons: [{ en: '211 kWh so far: 75.84 EUR.', ko: '지금까지 211 kWh: 75.84 EUR.' }],
};

export const marketPrices = {
  v: 1 as const,
  unit: 'EUR/kWh',
  source: 'entsoe 10YNL----------L',
  slots: [
    { start: '2026-03-29T01:00:00.000Z', end: '2026-03-29T01:15:00.000Z', price: 0.0843 },
    { start: '2026-03-29T01:15:00.000Z', end: '2026-03-29T01:30:00.000Z', price: -0.0125 },
  ],
};

export const peakAnalysis = {
  ...result,
  quarter: {
    start: '2026-03-29T01:15:00.000Z',
    elapsedS: 0,
    importWh: 0,
    averageW: 0,
    predictedW: 431,
    meanPowerW: 431,
    estimated: false,
  },
  month: { peakW: 4_564, peakAt: '2026-03-11T18:30:00.000+01:00' },
};

export const registerAnalysis = {
  ...result,
  energyImportWh: { value: 5_000_150, offset: 5_000_093 },
  energyExportWh: { value: 18_022, offset: 0 },
};

export const siteAnalysis = {
  v: 1 as const,
  at: result.at,
  zone: 'Europe/Amsterdam',
  currency: 'EUR',
  powerW: 431,
  importTodayWh: 812,
  exportTodayWh: 0,
  importMonthWh: 211_480,
  exportMonthWh: 18_022,
  costToday: 0.6436,
  costMonth: 73.60224,
  demandAverageW: 0,
  demandPredictedW: 431,
  demandPeakMonthW: 4_564,
  demandPeakMonthAt: '2026-03-11T18:30:00.000+01:00',
  week: { importWh: 48_911, exportWh: 4_020 },
  year: { importWh: 702_118, exportWh: 30_411 },
  billing: {
    from: '2026-03-15T00:00:00.000+01:00',
    to: '2026-04-15T00:00:00.000+02:00',
    importWh: 96_004,
    exportWh: 9_200,
  },
  flows: {
    today: {
      productionWh: 120,
      loadWh: 932,
      selfConsumptionWh: 120,
      selfConsumptionShare: 1,
      autarkyShare: 0.128,
    },
    month: {
      productionWh: 61_300,
      loadWh: 254_758,
      selfConsumptionWh: 43_278,
      selfConsumptionShare: 0.706,
      autarkyShare: 0.17,
    },
    coverage: 1,
  },
  standby: { baseloadW: 182, yearWh: 1_594_320, yearCost: 478.3, trendW: 12 },
  forecast: { todayWh: 9_412, tomorrowWh: 8_730 },
  carbon: { todayG: 217.6, monthG: 61_329, gPerKWh: 268 },
  anomalies: [{ ...anomaly, meter: 'main', costPerDay: 3.61 }],
  meters: [
    {
      meter: 'main',
      medium: 'electricity' as const,
      role: 'grid' as const,
      at: result.at,
      powerW: 431,
      today: { importWh: 812, exportWh: 0 },
      month: { importWh: 211_480, exportWh: 18_022 },
    },
  ],
};
