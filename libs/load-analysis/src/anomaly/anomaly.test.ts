import { describe, expect, test } from '@jest/globals';
import type { Role } from '@wattbus/energy-model';
import { syntheticHome } from '../../test/synthetic-home.js';
import {
  closeAnomalyDay,
  initialAnomaly,
  nextAnomalyHour,
  SILENT_DAYS,
  type AnomalyState,
} from './anomaly.js';
import { nextCusum } from './cusum.js';
import type { AnomalyFinding } from './open-anomalies.js';
import { anomalyKinds, languages, reasonText } from './reasons.js';

const HOUR_MS = 3_600_000;
const { firstDay, kwh } = syntheticHome();

interface Scene {
  readonly role?: Role;
  readonly away?: (hour: number) => boolean;
  readonly baseloadW?: number | null;
  readonly exportWh?: (hour: number) => number;
}

/** Plays hours of load in Wh, counted from the first day's midnight. */
function play(
  hoursWh: readonly (number | null)[],
  { role = 'grid', away = () => false, baseloadW = 150, exportWh = () => 0 }: Scene = {},
  from: { state: AnomalyState; hour: number } = { state: initialAnomaly, hour: 0 },
): { state: AnomalyState; findings: AnomalyFinding[] } {
  let { state } = from;
  const findings: AnomalyFinding[] = [];
  hoursWh.forEach((wh, i) => {
    const at = from.hour + i;
    const startMs = (firstDay * 24 + at) * HOUR_MS;
    const circumstances = { role, endMs: startMs + HOUR_MS, away: away(at), baseloadW };
    const step = nextAnomalyHour(
      state,
      {
        startMs,
        day: firstDay + Math.floor(at / 24),
        hour: at % 24,
        wh,
        quartersWh: [0, 1, 2, 3].map(() => (wh === null ? null : wh / 4)),
        exportWh: exportWh(at),
      },
      circumstances,
    );
    findings.push(...step.findings);
    state = step.state;
    if (at % 24 < 23) return;
    const day = closeAnomalyDay(state, circumstances);
    findings.push(...day.findings);
    state = day.state;
  });
  return { state, findings };
}

/** Sixty usual days, and the state after them. */
const usualWh = kwh.map((one) => one * 1000);
const DAYS = 60;
const past = play(usualWh.slice(0, DAYS * 24));
const after = { state: past.state, hour: DAYS * 24 };
const next = (hours: number): number[] => usualWh.slice(DAYS * 24, DAYS * 24 + hours);
const opened = (findings: readonly AnomalyFinding[], kind: string): AnomalyFinding[] =>
  findings.filter((finding) => finding.kind === kind && finding.change === 'opened');

test('the sum of excesses is 0, 1, 2.5, 5, 4.6, 7.1', () => {
  // energy.md §4.3.
  let sum = 0;
  const sums = [0.2, 1.5, 2, 5, 0.1, 3].map((z) => (sum = nextCusum(sum, Math.min(3, z), 0.5)));
  [0, 1, 2.5, 5, 4.6, 7.1].forEach((value, i) => expect(sums[i]).toBeCloseTo(value, 12));
});

describe('a spike', () => {
  const withFault = next(48).map((wh, i) => (i >= 10 && i < 13 ? wh + 4000 : wh));

  test('of three hours is found in its second, with when, how much and why', () => {
    const { findings } = play(withFault, {}, after);
    const [spike, ...more] = opened(findings, 'spike');
    expect(more).toEqual([]);
    const startMs = (firstDay * 24 + after.hour) * HOUR_MS;
    expect(spike).toMatchObject({
      atMs: startMs + 12 * HOUR_MS,
      fromMs: startMs + 10 * HOUR_MS,
      confidence: 'normal',
      notify: true,
      reason: { key: 'spike' },
    });
    expect(spike!.excessWhPerDay).toBeGreaterThan(7000);
    expect(spike!.excessWhPerDay).toBeLessThan(9000);
    const closed = findings.find(({ kind, change }) => kind === 'spike' && change === 'closed');
    expect(closed!.atMs).toBe(startMs + 14 * HOUR_MS);
  });

  test('is silent in the first two weeks and of low confidence in the next two', () => {
    const at = (day: number): AnomalyFinding[] =>
      opened(
        play(
          usualWh
            .slice(0, day * 24 + 24)
            .map((wh, i) => (i >= day * 24 + 10 && i < day * 24 + 13 ? wh + 4000 : wh)),
        ).findings,
        'spike',
      ).filter(({ fromMs }) => fromMs >= (firstDay + day) * 24 * HOUR_MS);
    expect(at(SILENT_DAYS - 1)).toEqual([]);
    expect(at(20)[0]).toMatchObject({ confidence: 'low' });
  });

  test('is told of once a day at most', () => {
    const twice = next(72).map((wh, i) =>
      [10, 11, 12, 20, 21, 22, 50, 51, 52].includes(i) ? wh + 5000 : wh,
    );
    const spikes = opened(play(twice, {}, after).findings, 'spike');
    expect(spikes.map(({ notify }) => notify).slice(0, 3)).toEqual([true, false, true]);
  });
});

describe('a load that stays on', () => {
  test('is found within a day and a half, and closed after it', () => {
    const stuck = next(24 * 10).map((wh, i) => (i >= 30 && i < 78 ? wh + 600 : wh));
    const { findings } = play(stuck, {}, after);
    const [found] = opened(findings, 'sustained');
    const hours = found!.atMs / HOUR_MS - (firstDay * 24 + after.hour + 30);
    expect(hours).toBeLessThanOrEqual(36);
    expect(found!.excessWhPerDay).toBeGreaterThan(6000);
    expect(findings.some((one) => one.kind === 'sustained' && one.change === 'closed')).toBe(true);
  });

  test('day after day lifts what rests', () => {
    const shifted = next(24 * 14).map((wh) => wh + 200);
    const [found] = opened(play(shifted, {}, after).findings, 'baseload-shift');
    expect(found!.excessWhPerDay).toBeGreaterThan(24 * 150);
    expect(found!.reason.parameters['nowW']).toBeGreaterThan(found!.reason.parameters['usualW']!);
  });

  test('without coming down to rest is always on after 36 hours', () => {
    const busy = next(48).map((wh, i) => (i === 0 ? 160 : Math.max(wh, 260)));
    const [found] = opened(play(busy, {}, after).findings, 'always-on');
    expect(found!.atMs - (firstDay * 24 + after.hour) * HOUR_MS).toBe(37 * HOUR_MS);
  });
});

describe('hard rules', () => {
  test('less than a fifth of the baseload is no load, unless nobody is at home', () => {
    const dead = next(24).map((wh, i) => (i === 5 ? 20 : wh));
    const [found] = opened(play(dead, {}, after).findings, 'no-load');
    expect(found).toMatchObject({ reason: { parameters: { loadW: 20, baseloadW: 150 } } });
    const { findings } = play(dead, { away: () => true }, after);
    expect(opened(findings, 'no-load')).toEqual([]);
  });

  test('hours that are not measured say nothing', () => {
    const { findings } = play([null, null, null], {}, after);
    expect(findings).toEqual([]);
  });

  test('export at night is found until it is a habit', () => {
    const exportWh = (at: number): number => (at % 24 === 2 ? 500 : 0);
    const { findings } = play(next(24 * 10), { exportWh }, after);
    const nights = opened(findings, 'night-export');
    expect(nights).toHaveLength(3);
    expect(nights[0]!.reason.parameters).toEqual({ exportWh: 500 });
  });

  test('a solar meter that imports in daylight for two days is wired the other way', () => {
    const day = Array.from({ length: 72 }, (_, i) => (i % 24 >= 8 && i % 24 < 18 ? 900 : 0));
    const [found] = opened(play(day, { role: 'pv' }).findings, 'reversed');
    expect(found!.reason.parameters).toEqual({ days: 2 });
  });

  test('a day above nearly all of sixty is found at its end', () => {
    const rich = next(24).map((wh) => wh * 1.9);
    const [found] = opened(play(rich, {}, after).findings, 'day-energy');
    expect(found!.reason.parameters['dayKwh']).toBeGreaterThan(
      found!.reason.parameters['usualKwh']!,
    );
  });
});

test('an absence teaches nothing: what was usual before is usual after', () => {
  const away = next(24 * 21).map(() => 100);
  const gone = play(away, { away: () => true }, after);
  expect(gone.state.usual).toEqual(after.state.usual);
  const back = play(
    usualWh.slice((DAYS + 21) * 24, (DAYS + 28) * 24),
    {},
    {
      state: gone.state,
      hour: (DAYS + 21) * 24,
    },
  );
  expect(opened(back.findings, 'baseload-shift')).toEqual([]);
});

test('at most one anomaly of a kind is open', () => {
  const wild = next(24 * 20).map((wh, i) => wh + (i % 5 === 0 ? 6000 : 800));
  const { findings } = play(wild, {}, after);
  for (const kind of anomalyKinds) {
    const changes = findings.filter((one) => one.kind === kind).map(({ change }) => change);
    changes.forEach((change, i) => expect(change).toBe(i % 2 === 0 ? 'opened' : 'closed'));
  }
});

test('every reason has a sentence in every language, with its numbers', () => {
  const parameters = {
    ...{ hours: 3, excessW: 500, loadW: 20, baseloadW: 150, usualW: 100, nowW: 250 },
    ...{ exportWh: 700, days: 2, dayKwh: 30.5, usualKwh: 20 },
  };
  for (const key of anomalyKinds) {
    for (const language of languages) {
      const text = reasonText({ key, parameters }, language);
      expect(text).toMatch(/\d/);
      expect(text).not.toMatch(/[{}]|undefined/);
    }
  }
});
