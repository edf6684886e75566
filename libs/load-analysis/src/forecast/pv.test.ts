import { expect, test } from '@jest/globals';
import { seededRandom } from '@wattbus/energy-model';
import { createCalendar } from '@wattbus/tariffs';
import { HOUR_MS, type LoadHour } from './local-hours.js';
import { nextPv, pvForecast, type PvPowerAt, type PvState } from './pv.js';

const utc = createCalendar('UTC');
const DAY_MS = 24 * HOUR_MS;
const DAYS = 60;
const LEARNED_DAYS = 14;
const firstDay = Date.UTC(2026, 4, 1) / DAY_MS;
const startMs = firstDay * DAY_MS;

const random = seededRandom(11);
/** What clouds leave of an hour, and what the feed thinks that they leave: clear days are certain. */
const clouds = Array.from({ length: DAYS + 3 }, () => {
  const isClear = random() < 0.5;
  const left = isClear ? 1 : 0.3 + 0.4 * random();
  const spread = isClear ? 0.08 : 0.7;
  return Array.from({ length: 24 }, () => ({ left, said: left * (1 + spread * (random() - 0.5)) }));
}).flat();

/** W of panels under a sky without clouds, from six to eight. */
const clearW = (atMs: number): number => {
  const hour = (atMs % DAY_MS) / HOUR_MS;
  return 5_000 * Math.max(0, Math.sin((Math.PI * (hour - 6)) / 14));
};
const cloudsAt = (atMs: number) => clouds[Math.floor((atMs - startMs) / HOUR_MS)];

/** A feed that says 30 % too much and knows nothing of the trees that stand in the morning sun. */
const feed: PvPowerAt = (atMs) => 1.3 * clearW(atMs) * (cloudsAt(atMs)?.said ?? 0);

const madeWh = (hourMs: number): number => {
  const shade = hourMs % DAY_MS < 10 * HOUR_MS ? 0.35 : 1;
  return Math.round(clearW(hourMs + HOUR_MS / 2) * cloudsAt(hourMs)!.left * shade);
};

const hourAt = (i: number, made = madeWh(startMs + i * HOUR_MS)): LoadHour => ({
  ...{ startMs: startMs + i * HOUR_MS, day: firstDay + Math.floor(i / 24), hour: i % 24 },
  ...{ wh: 0, quartersWh: [0, 0, 0, 0], exportWh: made },
});

interface Play {
  readonly hours?: number;
  readonly feedOf?: (i: number) => PvPowerAt | undefined;
  readonly savedEvery?: number;
  readonly each?: (state: PvState | null, i: number) => void;
}

function play({ hours = DAYS * 24, feedOf = () => feed, savedEvery, each }: Play): PvState | null {
  let state: PvState | null = null;
  for (let i = 0; i < hours; i += 1) {
    state = nextPv(state, hourAt(i), feedOf(i));
    if (savedEvery && i % savedEvery === 0) state = JSON.parse(JSON.stringify(state)) as PvState;
    each?.(state, i);
  }
  return state;
}

const rawWh = (hourMs: number): number =>
  [0, 1, 2, 3].reduce((sum, quarter) => sum + feed(hourMs + quarter * 900_000)! / 4, 0);

test('after two weeks a feed that is wrong is forecast far better than it is, in its range', () => {
  const sums = { raw: 0, said: 0, made: 0, morningRaw: 0, morningSaid: 0, inRange: 0, lit: 0 };
  const each = (state: PvState | null, i: number): void => {
    const day = (i + 1) / 24;
    if (day < LEARNED_DAYS || day >= DAYS || !Number.isInteger(day)) return;
    // As midnight has it.
    for (const hour of pvForecast(state!, utc).hours.slice(0, 24)) {
      const made = madeWh(hour.startMs);
      const said = Math.abs(hour.meanWh - made);
      const raw = Math.abs(rawWh(hour.startMs) - made);
      const isMorning = hour.startMs % DAY_MS < 10 * HOUR_MS;
      sums.made += made;
      sums.raw += raw;
      sums.said += said;
      if (isMorning)
        [sums.morningRaw, sums.morningSaid] = [sums.morningRaw + raw, sums.morningSaid + said];
      if (hour.meanWh === 0) continue;
      sums.lit += 1;
      if (hour.p10Wh <= made && made <= hour.p90Wh) sums.inRange += 1;
    }
  };
  const state = play({ each });
  expect(sums.raw / sums.made).toBeGreaterThan(0.3);
  expect(sums.said).toBeLessThan(0.2 * sums.raw);
  expect(sums.morningSaid).toBeLessThan(0.1 * sums.morningRaw);
  expect(sums.inRange / sums.lit).toBeGreaterThan(0.7);
  expect(sums.inRange / sums.lit).toBeLessThan(0.95);
  const { skill, days } = pvForecast(state!, utc);
  expect(days).toBe(DAYS);
  expect(skill!.nmae).toBeLessThan(0.3 * skill!.feedNmae);
});

test('48 hours come with their quarter-hours; the night is exactly nothing, levels are in order', () => {
  const { hours, quarters, fromMs } = pvForecast(play({ hours: 20 * 24 + 9 })!, utc);
  expect(fromMs).toBe(startMs + (20 * 24 + 9) * HOUR_MS);
  expect([hours.length, quarters.length]).toEqual([48, 192]);
  expect(hours[0]!.startMs).toBe(fromMs);
  for (const { startMs: atMs, ...estimate } of [...hours, ...quarters]) {
    const { meanWh, typicalWh, p10Wh, p50Wh, p90Wh } = estimate;
    const hour = new Date(atMs).getUTCHours();
    if (hour < 6 || hour >= 20) {
      expect([meanWh, typicalWh, p10Wh, p50Wh, p90Wh]).toEqual([0, 0, 0, 0, 0]);
    }
    expect(p10Wh).toBeLessThanOrEqual(p50Wh);
    expect(p50Wh).toBeLessThanOrEqual(p90Wh);
  }
  const lit = hours.filter(({ meanWh, p90Wh }) => meanWh > 0 && p90Wh > meanWh);
  expect(lit).toHaveLength(2 * 14);
  hours.forEach(({ meanWh }, i) => {
    const parts = quarters.slice(4 * i, 4 * i + 4).reduce((sum, one) => sum + one.meanWh, 0);
    expect(parts).toBeCloseTo(meanWh, 6);
  });
});

test('until an hour is known on five days the feed is said as it is', () => {
  const at = (days: number) => pvForecast(play({ hours: days * 24 })!, utc);
  const early = at(4);
  expect(early.skill).toBeNull();
  for (const { startMs: atMs, meanWh } of early.hours) expect(meanWh).toBeCloseTo(rawWh(atMs), 6);
  const eight = at(5).hours.find(({ startMs: atMs }) => atMs % DAY_MS === 8 * HOUR_MS)!;
  expect(eight.meanWh).toBeLessThan(0.5 * rawWh(eight.startMs));
});

test('without a feed there is nothing; hours of which it says nothing are absent', () => {
  expect(play({ feedOf: () => undefined })).toBeNull();
  const untilMs = startMs + 22 * DAY_MS + 12 * HOUR_MS + 1_800_000;
  const short: PvPowerAt = (atMs) => (atMs < untilMs ? feed(atMs) : null);
  const { hours, quarters } = pvForecast(play({ hours: 22 * 24, feedOf: () => short })!, utc);
  expect([hours.length, quarters.length]).toEqual([12, 48]);
});

test('a feed that stops leaves what was learned, and says nothing more', () => {
  const stopsAt = 30 * 24;
  const before = play({ hours: stopsAt })!;
  const stopped = play({ feedOf: (i) => (i < stopsAt ? feed : undefined) })!;
  expect(pvForecast(stopped, utc)).toMatchObject({ hours: [], quarters: [] });
  // The day that was issued is learned to its end, then no more.
  expect(stopped.hours[12]!.days - before.hours[12]!.days).toBe(1);
});

test('an hour that was not measured, and one of which midnight knew nothing, teach nothing', () => {
  const state = play({ hours: 10 * 24 + 12 })!;
  const unmeasured = nextPv(state, { ...hourAt(10 * 24 + 12), wh: null }, feed)!;
  expect([unmeasured.hours, unmeasured.quantiles]).toEqual([state.hours, state.quantiles]);
  const silent = play({ hours: 24, feedOf: () => () => null })!;
  const woken = nextPv(silent, hourAt(24 + 12), feed)!;
  expect(woken.hours).toEqual(silent.hours);
});

test('what an inverter takes counts against what it gives', () => {
  const state = play({ hours: 10 * 24 + 12 })!;
  const next = (wh: number, exportWh: number) =>
    nextPv(state, { ...hourAt(10 * 24 + 12, exportWh), wh }, feed)!;
  expect(next(100, 2_100).hours).toEqual(next(0, 2_000).hours);
});

test('saved and loaded anywhere, and again, it is the same bytes', () => {
  const whole = JSON.stringify(play({}));
  expect(JSON.stringify(play({}))).toBe(whole);
  expect(JSON.stringify(play({ savedEvery: 101 }))).toBe(whole);
});
