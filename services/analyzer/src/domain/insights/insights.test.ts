import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { seededRandom } from '@wattbus/energy-model';
import { testConfig } from '@wattbus/testing';
import { nextMeterState, type MeterState } from '../meter-state.js';
import { fromSnapshot, toSnapshot } from '../snapshot.js';
import { noFeeds, withFeeds } from '../site-feeds.js';
import { flatSite } from '../../load-site.js';
import { insight, insightNames, insights, type InsightName } from './index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 40;
/** Two weeks before the clock goes forward in Brussels. */
const startMs = Date.parse('2026-03-14T23:00:00Z');
const site = withFeeds(flatSite(testConfig({ site: { zone: 'Europe/Brussels' } })), noFeeds, 250);
const faultAtMs = startMs + 37 * DAY_MS;

/** A home of ten-minute readings; something is left on for the last two days and more. */
function* home(): Generator<Reading> {
  const random = seededRandom(3);
  let energyImportWh = 1_000_000;
  for (let seq = 1; seq <= DAYS * 144; seq += 1) {
    const atMs = startMs + seq * 10 * MINUTE_MS;
    const hour = ((atMs - startMs) / HOUR_MS) % 24;
    const evening = hour > 17 && hour < 22 ? 700 : 0;
    const powerW = 150 + evening + Math.round(120 * random()) + (atMs >= faultAtMs ? 500 : 0);
    energyImportWh += Math.round(powerW / 6);
    const at = new Date(atMs).toISOString();
    yield {
      ...{ v: 1, meter: 'main', medium: 'electricity', role: 'grid', epoch: 'e1', seq },
      ...{ at, receivedAt: at, atSource: 'meter', quality: 'checked' },
      ...{ powerW, energyImportWh, energyExportWh: 0, voltageL1V: 231, currentL1A: powerW / 231 },
      powerFailureCount: 2,
    };
  }
}

/** What is on the bus at the end, and how often each was said. */
function play(restartEvery = Infinity) {
  const counts = new Map<InsightName, number>();
  let state: MeterState | null = null;
  for (const reading of home()) {
    const before: MeterState | null = state;
    state = nextMeterState(before, reading, site).state;
    for (const name of insightNames) {
      if (state.changes[name]?.version === before?.changes[name]?.version) continue;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (reading.seq % restartEvery !== 0) continue;
    const saved: unknown = JSON.parse(JSON.stringify(toSnapshot(state, new Date(0))));
    state = fromSnapshot(saved as ReturnType<typeof toSnapshot>, site) as MeterState;
  }
  return { state: state!, counts, said: messagesOf(state!) };
}

const messagesOf = (state: MeterState) =>
  insightNames.flatMap((name) => {
    const stamp = state.changes[name];
    return stamp ? { name, message: insight(name).make({ state, stamp }, site) } : [];
  });

describe('forty days of a home in which something was left on', () => {
  const whole = play();
  const of = (name: InsightName): Record<string, unknown> =>
    whole.said.find((one) => one.name === name)!.message as Record<string, unknown>;

  test.each(whole.said)('$name keeps the contract and explains itself', ({ name, message }) => {
    const { topic } = insights[name];
    expect(topic.row.payload.safeParse(message).error).toBeUndefined();
    const { reasons } = message as { reasons: { en: string; ko: string } };
    expect(reasons.en).not.toMatch(/[{}]|undefined|NaN/);
    expect(reasons.ko).toMatch(/[가-힣]/);
    expect(reasons.ko).not.toMatch(/[{}]|undefined|NaN/);
  });

  test('all but appliances are known: readings of minutes do not show steps', () => {
    expect(whole.said.map(({ name }) => name)).toEqual(
      insightNames.filter((name) => name !== 'appliance'),
    );
  });

  test('what was left on is odd, with since when and how much', () => {
    const { open, learning } = of('anomaly') as {
      open: Record<string, unknown>[];
      learning: boolean;
    };
    const sustained = open.find(({ kind }) => kind === 'sustained')!;
    expect(learning).toBe(false);
    // The sum that finds it left zero by then: chance may have lifted it some hours before.
    const earlyMs = faultAtMs - Date.parse(sustained['from'] as string);
    expect(earlyMs).toBeGreaterThanOrEqual(-HOUR_MS);
    expect(earlyMs).toBeLessThanOrEqual(6 * HOUR_MS);
    expect(sustained['excessWhPerDay']).toBeGreaterThan(6_000);
    expect(sustained['confidence']).toBe('normal');
  });

  test('the forecast covers 48 hours, knows today and judges itself', () => {
    const { hours, quarters, today, skill } = of('forecast') as Record<string, { length: number }>;
    expect([hours!.length, quarters!.length, today!.length]).toEqual([48, 192, 24]);
    expect((skill as unknown as { mase: number }).mase).toBeLessThan(1.2);
  });

  test('results are said when something changed, not with each reading', () => {
    const perDay = (name: InsightName): number => whole.counts.get(name)! / DAYS;
    expect(perDay('forecast')).toBeLessThanOrEqual(24);
    expect(perDay('baseload')).toBeLessThanOrEqual(96);
    expect(perDay('carbon')).toBeLessThanOrEqual(96);
    expect(perDay('anomaly')).toBeLessThan(5);
    expect(perDay('quality')).toBeLessThanOrEqual(144);
  });

  test.each([101, 1_009])('saved and loaded every %i readings they are the same bytes', (every) => {
    const interrupted = play(every);
    expect(JSON.stringify(interrupted.said)).toBe(JSON.stringify(whole.said));
    expect(JSON.stringify(interrupted.state)).toBe(JSON.stringify(whole.state));
  });

  test('said later, a result is still the one of the reading that changed it', () => {
    let state: MeterState | null = null;
    const first = new Map<InsightName, { version: string; text: string }>();
    let compared = 0;
    for (const reading of home()) {
      state = nextMeterState(state, reading, site).state;
      // Two days, an early and a late one: each message is made anew with every reading.
      const day = Math.floor((Date.parse(reading.at) - startMs) / DAY_MS);
      if (day !== 20 && day !== 39) continue;
      for (const { name, message } of messagesOf(state)) {
        const { version } = state.changes[name]!;
        const text = JSON.stringify(message);
        const known = first.get(name);
        if (known?.version === version) expect(`${name} ${text}`).toBe(`${name} ${known.text}`);
        else first.set(name, { version, text });
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });
});
