import { expect, test } from '@jest/globals';
import { topics, type ForecastAnalysis, type MeterEvent, type Topic } from '@wattbus/mqtt-contract';
import { seededRandom } from '@wattbus/energy-model';
import { until } from '@wattbus/testing';
import { kill, meterOnBus, person, seqReached, start, stop } from './rig.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 40;
const PER_DAY = 96;
const READINGS = DAYS * PER_DAY;
const QUIET_READINGS = READINGS - 2 * PER_DAY;
/** The clock goes forward in Brussels on the fifteenth day. */
const startMs = Date.parse('2026-03-14T23:00:00Z');
/** Something of half a kilowatt is left on for two days, which end with the history. */
const faultAtMs = startMs + (DAYS - 2) * DAY_MS;

const insights = [
  topics.baseloadAnalysis,
  topics.anomalyAnalysis,
  topics.forecastAnalysis,
  topics.qualityAnalysis,
  topics.carbonAnalysis,
] as const;

/** A home with a rest, mornings, and evenings of which no two are alike; a reading a quarter-hour. */
function* home(): Generator<{ atMs: number; powerW: number; energyImportWh: number }> {
  const random = seededRandom(5);
  let energyImportWh = 3_000_000;
  let evening = 0;
  for (let i = 1; i <= READINGS; i += 1) {
    const atMs = startMs + i * 15 * MINUTE_MS;
    const hour = ((atMs - startMs) / HOUR_MS) % 24;
    if (hour === 12) evening = 300 + 1500 * random();
    const usual = hour > 6 && hour < 8 ? 600 : hour > 17 && hour < 22 ? evening : 0;
    const powerW = 160 + Math.round(usual + 150 * random()) + (atMs > faultAtMs ? 500 : 0);
    energyImportWh += Math.round(powerW / 4);
    yield { atMs, powerW, energyImportWh };
  }
}

test('forty days of a home give standby, forecast and the load that was left on, and the same again', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  const events = await person.hear(topics.meterEvent);
  const site = await person.hear(topics.siteAnalysis);
  const heard = new Map<Topic, readonly unknown[]>();
  for (const topic of insights) heard.set(topic, await person.hear(topic as Topic));
  const newest = () => insights.map((topic) => JSON.stringify(heard.get(topic)!.at(-1)));

  // One analyzer takes the days before the fault and ends, the next goes on from its snapshot.
  const meter = await meterOnBus('main');
  let count = 0;
  let quiet: ForecastAnalysis | undefined;
  for (const { atMs, ...measured } of home()) {
    await meter.accept(atMs, { ...measured, energyExportWh: 0, voltageL1V: 231 }, false);
    count += 1;
    if (count !== QUIET_READINGS) continue;
    const first = await start('a');
    await meter.sayPosition();
    await until('the quiet days are analysed', () => seqReached(energy, count), 120_000);
    await stop(first);
    quiet = heard.get(topics.forecastAnalysis)!.at(-1) as ForecastAnalysis;
  }
  const second = await start('b');
  await meter.sayPosition();
  await until('all is analysed', () => seqReached(energy, READINGS), 120_000);
  await until('all is said', () => insights.every((topic) => heard.get(topic)!.length > 0));
  const summary = await until('the site knows of it', () =>
    site.find((one) => (one.anomalies ?? []).length > 0 && one.forecast && one.standby),
  );

  const [baseload, anomaly, forecast] = JSON.parse(`[${newest().join()}]`) as [
    { baseloadW: number; coverage: number; reasons: { en: string; ko: string } },
    { open: { kind: string; from: string; reasons: { en: string; ko: string } }[] },
    ForecastAnalysis,
  ];
  // The median of two weeks stands where the load of two days is another one.
  expect(baseload.baseloadW).toBeGreaterThan(150);
  expect(baseload.baseloadW).toBeLessThan(250);
  expect(baseload.coverage).toBe(1);
  expect(baseload.reasons.en).toContain('At rest the home takes');
  expect(quiet!.skill!.days).toBeGreaterThanOrEqual(25);
  expect(quiet!.skill!.mase).toBeLessThan(1);
  expect(forecast.skill!.days).toBe(28);
  expect(forecast.hours).toHaveLength(48);
  const sustained = anomaly.open.find(({ kind }) => kind === 'sustained')!;
  expect(Math.abs(Date.parse(sustained.from) - faultAtMs)).toBeLessThanOrEqual(3 * HOUR_MS);
  expect(sustained.reasons.en).toMatch(/has taken [45]\d\d W more than usual/);
  expect(sustained.reasons.ko).toContain('평소보다');
  const opened = events.filter(({ kind }: MeterEvent) => kind === 'anomaly-opened');
  expect(opened.map(({ detail }) => detail.split(':')[0])).toContain('sustained');
  expect(summary.anomalies!.map(({ kind }) => kind)).toContain('sustained');
  expect(summary.standby!.yearCost).toBeGreaterThan(100);

  const before = newest();
  const counts = insights.map((topic) => heard.get(topic)!.length);
  await kill(second);
  await start('c');
  await meter.sayPosition();
  await until(
    'another analyzer has said all again',
    () => insights.every((topic, i) => heard.get(topic)!.length > counts[i]!),
    120_000,
  );
  await until('they are the same bytes', () => newest().join() === before.join(), 120_000);
}, 600_000);
