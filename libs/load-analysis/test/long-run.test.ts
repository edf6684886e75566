import { describe, expect, test } from '@jest/globals';
import { seededRandom, type Reading } from '@wattbus/energy-model';
import {
  initialAnalysis,
  nextAnalysis,
  type AnalysisSite,
  type AnalysisState,
  type Finding,
} from '../src/analysis.js';
import { loadAnalysis } from '../src/saved-state.js';
import { baseloadOf } from '../src/baseload/baseload.js';
import { carbonSummary } from '../src/carbon/carbon.js';
import { consumptionForecast } from '../src/consumption.js';
import { kaifaPowers, testWithTimeSeries } from './corpus.js';
import { readingAt, site } from './readings.js';
import { syntheticHome } from './synthetic-home.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** In Brussels the clock goes forward on the eighth day. */
const startMs = Date.parse('2026-03-21T23:00:00Z');
const STATE_BYTES_MAX = 200_000;

const { kwh } = syntheticHome();
const greenSite: AnalysisSite = {
  ...site,
  intensityAt: (atMs) => ({
    gPerKWh: 100 + (atMs % DAY_MS) / MINUTE_MS / 10,
    source: 'live' as const,
  }),
};

/** A home whose meter speaks every five minutes; a part of it is lost, and a night exports. */
function* home(days: number): Generator<Reading> {
  const random = seededRandom(7);
  let energyImportWh = 5_000_000;
  for (let i = 0; i < days * 288; i += 1) {
    const atMs = startMs + i * 5 * MINUTE_MS;
    const powerW = kwh[Math.floor(i / 12) % kwh.length]! * 1000;
    energyImportWh += Math.round(powerW / 12);
    if (random() < 0.01) continue;
    yield readingAt(atMs, {
      energyImportWh,
      energyExportWh: i > 30 * 288 + 24 ? 500 : 0,
      powerW,
      voltageL1V: 228 + 4 * random(),
      currentL1A: powerW / 230,
      powerFailureCount: i > 5000 ? 1 : 0,
    });
  }
}

interface Run {
  state: AnalysisState;
  readonly findings: Finding[];
}

function play(readings: Iterable<Reading>, restartEvery = Infinity): Run {
  const run: Run = { state: initialAnalysis, findings: [] };
  let count = 0;
  for (const reading of readings) {
    const step = nextAnalysis(run.state, reading, greenSite);
    run.state = step.state;
    run.findings.push(...step.findings);
    count += 1;
    if (count % restartEvery !== 0) continue;
    const saved: unknown = JSON.parse(JSON.stringify(run.state));
    run.state = loadAnalysis(saved, site.calendar) as AnalysisState;
  }
  return run;
}

describe('forty days of a home', () => {
  const whole = play(home(40));

  test('end in the same bytes wherever they were interrupted', () => {
    for (const restartEvery of [37, 1009]) {
      const interrupted = play(home(40), restartEvery);
      expect(JSON.stringify(interrupted)).toBe(JSON.stringify(whole));
    }
  });

  test('fit a state that a broker keeps', () => {
    expect(Buffer.byteLength(JSON.stringify(whole.state))).toBeLessThan(STATE_BYTES_MAX);
  });

  test('are enough for a forecast, a baseload and carbon', () => {
    const { consumption, ledger, carbon } = whole.state;
    const forecast = consumptionForecast(consumption!, ledger.closedUntilMs, site.calendar)!;
    expect(forecast.skill!.days).toBeGreaterThan(20);
    expect(forecast.quarters[0]!.startMs).toBe(ledger.closedUntilMs);
    expect(baseloadOf(consumption!.baseload)!.baseloadW).toBeGreaterThan(50);
    expect(consumption!.dayEnergy.days).toBeGreaterThan(30);
    const { gPerKWh, coverage } = carbonSummary(carbon!.thisMonth);
    expect(gPerKWh).toBeGreaterThan(100);
    expect(coverage).toBe(1);
  });

  test('tell of the power failure, and of export at night, once each', () => {
    const events = whole.findings.filter(({ kind }) => kind === 'phase-event');
    expect(events).toHaveLength(1);
    const anomalies = whole.findings.flatMap((one) => (one.kind === 'anomaly' ? one.anomaly : []));
    const nights = anomalies.filter(({ kind }) => kind === 'night-export');
    expect(nights.map(({ change }) => change)).toEqual(['opened', 'closed']);
  });
});

describe('a state that was saved before there were weeks and years', () => {
  const readings = [...home(4)];
  const { ledger, demand, cost } = play(readings.slice(0, 400)).state;
  const { day, month: book } = ledger.books!;
  const { name, startMs: fromMs, endMs, amounts, estimated } = book;
  const month = { name, startMs: fromMs, endMs, amounts, estimated };
  const old = { ledger: { ...ledger, books: { day, month } }, demand, cost };

  test.each([1, 2])('goes on from version %i with the books that it has', (v) => {
    const loaded = loadAnalysis({ v, ...old }, site.calendar) as AnalysisState;
    expect(loaded).toMatchObject({ v: 3, ...old, consumption: null });
    let next = loaded;
    for (const reading of readings.slice(400)) next = nextAnalysis(next, reading, greenSite).state;
    const whole = play(readings).state.ledger;
    const { year, billing, week } = next.ledger.books!;
    const { coveredMs, ...wholeMonth } = whole.books!.month;
    expect(next.ledger).toMatchObject({
      ...whole,
      books: { day: whole.books!.day, month: wholeMonth },
    });
    expect(next.ledger.books!.month.coveredMs).toBeLessThan(coveredMs);
    // What the month had counted lies in the year; of the week only that day is known.
    expect(year.amounts).toEqual(whole.books!.year.amounts);
    expect(billing).toMatchObject({ amounts: whole.books!.billing.amounts });
    expect(billing.coveredMs).toBeLessThan(whole.books!.billing.coveredMs);
    expect(week.name).toBe(whole.books!.week.name);
    expect(next.consumption!.dayEnergy.days).toBeGreaterThan(0);
  });
});

test('a battery has no habits, and a gas meter neither', () => {
  const battery = readingAt(startMs, { powerW: 100 }, { role: 'battery' });
  const gas = readingAt(startMs, { volumeL: 100 }, { medium: 'gas', role: 'gas' });
  expect(play([battery]).state.consumption).toBeNull();
  expect(play([gas]).state).toMatchObject({ consumption: null, phases: null, appliances: null });
});

testWithTimeSeries('power tells the load of a meter that states its register once an hour', () => {
  let importWh = 1_000_000;
  let wms = 0;
  const readings = kaifaPowers().map(({ atMs, powerW }, i, all) => {
    wms += i > 0 ? powerW * (atMs - all[i - 1]!.atMs) : 0;
    const onHour = atMs % (60 * MINUTE_MS) < 2000;
    if (onHour) importWh = 1_000_000 + Math.round(wms / 3_600_000);
    return readingAt(atMs, { powerW, ...(onHour ? { energyImportWh: importWh } : {}) });
  });
  const { consumption } = play(readings).state;
  const measured = consumption!.forecast.series.valuesWh;
  expect(measured.length).toBeGreaterThan(8);
  for (const wh of measured.slice(1)) expect(wh).toBeGreaterThan(500);
});
