import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import type { AnalysisSite } from '@wattbus/load-analysis';
import { topics, type ForecastAnalysis, type PvForecastFeed } from '@wattbus/mqtt-contract';
import { testConfig } from '@wattbus/testing';
import { flatSite } from '../../load-site.js';
import { nextMeterState, type MeterState } from '../meter-state.js';
import { fromSnapshot, toSnapshot } from '../snapshot.js';
import { noFeeds, productionOf, withFeeds } from '../site-feeds.js';
import { forecast } from './forecast.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 21;
/** Two weeks before the clock goes forward in Brussels. */
const startMs = Date.parse('2026-03-14T23:00:00Z');
const plain = flatSite(testConfig({ site: { zone: 'Europe/Brussels' } }));

/** What the panels give; the sun does not know of clocks. */
const panelsW = (atMs: number): number =>
  Math.round(4_000 * Math.max(0, Math.cos((2 * Math.PI * (atMs - 12 * HOUR_MS)) / DAY_MS)));

/** As a bridge states it: the hours of yesterday and of four days, a half too much. */
function feedAt(atMs: number): PvForecastFeed {
  const slots: PvForecastFeed['slots'] = [];
  const fromMs = Math.floor(atMs / DAY_MS - 1) * DAY_MS;
  for (let hour = 0; hour < 5 * 24; hour += 1) {
    const slotMs = fromMs + hour * HOUR_MS;
    const span = [slotMs, slotMs + HOUR_MS].map((ms) => new Date(ms).toISOString());
    const powerW = 1.5 * panelsW(slotMs + HOUR_MS / 2);
    slots.push({ start: span[0]!, end: span[1]!, powerW });
  }
  return { v: 1, slots };
}

/** A meter of panels that takes 4 W at night; on these days the feed is renewed. */
function play({
  feedFromDay = 0,
  feedDays = DAYS,
  restartEvery = Infinity,
  hours = DAYS * 24,
} = {}) {
  let state: MeterState | null = null;
  let site: AnalysisSite = plain;
  let [energyExportWh, energyImportWh] = [500_000, 1_000];
  for (let seq = 1; seq <= hours * 12 + 1; seq += 1) {
    const atMs = startMs + seq * 5 * MINUTE_MS;
    const day = (seq - 1) / 288;
    if (Number.isInteger(day) && day >= feedFromDay && day < feedDays) {
      site = withFeeds(plain, { ...noFeeds, production: productionOf(feedAt(atMs)) }, undefined);
    }
    const gaveW = panelsW(atMs - 2.5 * MINUTE_MS);
    energyExportWh += Math.round(gaveW / 12);
    if (gaveW === 0 && seq % 3 === 0) energyImportWh += 1;
    const at = new Date(atMs).toISOString();
    const reading: Reading = {
      ...{ v: 1, meter: 'roof', medium: 'electricity', role: 'pv', epoch: 'e1', seq },
      ...{ at, receivedAt: at, atSource: 'meter', quality: 'checked' },
      ...{ powerW: gaveW === 0 ? 4 : -gaveW, energyImportWh, energyExportWh },
    };
    state = nextMeterState(state, reading, site).state;
    if (seq % restartEvery !== 0) continue;
    const saved: unknown = JSON.parse(JSON.stringify(toSnapshot(state, new Date(0))));
    state = fromSnapshot(saved as ReturnType<typeof toSnapshot>, site) as MeterState;
  }
  return { state: state!, site };
}

function messageOf({ state, site }: ReturnType<typeof play>): ForecastAnalysis {
  return forecast.make({ state, stamp: state.changes.forecast! }, site)!;
}

test('a meter of panels says its production, calibrated, over a change of the clock', () => {
  const message = messageOf(play());
  expect(topics.forecastAnalysis.row.payload.safeParse(message).error).toBeUndefined();
  expect([message.hours, message.quarters, message.today, message.skill]).toEqual([
    [],
    [],
    [],
    null,
  ]);
  const { hours, quarters, skill } = message.production!;
  expect([hours.length, quarters.length]).toEqual([48, 192]);
  expect(message.from).toBe(hours[0]!.start);
  for (const { start, meanWh } of hours) {
    const middleMs = Date.parse(start) + HOUR_MS / 2;
    const gives = panelsW(middleMs);
    if (gives === 0) expect(meanWh).toBe(0);
    else expect(Math.abs(meanWh - gives)).toBeLessThan(0.1 * 4_000);
  }
  const feedWh =
    1.5 * hours.reduce((sum, { start }) => sum + panelsW(Date.parse(start) + HOUR_MS / 2), 0);
  const saidWh = hours.reduce((sum, { meanWh }) => sum + meanWh, 0);
  expect(saidWh / feedWh).toBeCloseTo(1 / 1.5, 1);
  expect(skill!.nmae).toBeLessThan(0.3 * skill!.feedNmae);
  expect(message.reasons.en).toMatch(/the panels are expected to give about \d/);
  expect(message.reasons.en + message.reasons.ko).not.toMatch(/[{}]|undefined|NaN/);
});

test('saved and loaded between it is the same bytes', () => {
  const hours = 9 * 24;
  const whole = play({ hours });
  const interrupted = play({ hours, restartEvery: 101 });
  expect(JSON.stringify(interrupted.state)).toBe(JSON.stringify(whole.state));
  expect(JSON.stringify(messageOf(interrupted))).toBe(JSON.stringify(messageOf(whole)));
});

test('without a feed nothing is said, and nothing of it is kept', () => {
  const { state } = play({ feedDays: 0, hours: 3 * 24 });
  expect(state.changes).not.toHaveProperty('forecast');
  expect(state.analysis.consumption).not.toHaveProperty('pv');
});

test('a state that was saved before there was a feed goes on with one', () => {
  const { production } = messageOf(play({ feedFromDay: 2, hours: 3 * 24, restartEvery: 100 }));
  expect(production!.hours).toHaveLength(48);
  expect(production!.skill).toBeNull();
});

test('a feed that has no hours to come is told as such', () => {
  const { production, reasons } = messageOf(play({ feedDays: 2, hours: 7 * 24 }));
  expect(production).toMatchObject({ hours: [], quarters: [] });
  expect(reasons.en).toMatch(/site\/pv-forecast has no hours to come/);
});
