import { expect } from '@jest/globals';
import { seededRandom } from '@wattbus/energy-model';
import {
  closeAnomalyDay,
  initialAnomaly,
  nextAnomalyHour,
  type AnomalyState,
} from '../src/anomaly/anomaly.js';
import type { AnomalyKind } from '../src/anomaly/reasons.js';
import { homes, testWithTimeSeries, type Home } from './corpus.js';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** Until then a meter is new; false events are counted from here on. */
const LEARNING_HOURS = 28 * DAY_HOURS;

/** Takes an hour of a home; returns the kinds of the anomalies that began. */
function step(
  state: AnomalyState,
  home: Home,
  at: number,
  addedKw: number,
): { state: AnomalyState; opened: AnomalyKind[] } {
  const kwh = home.kwh[at] ?? null;
  const wh = kwh === null ? null : (kwh + addedKw) * 1000;
  const slot = home.firstDay * DAY_HOURS + at;
  const hour = slot % DAY_HOURS;
  const startMs = slot * HOUR_MS;
  const circumstances = {
    role: 'grid' as const,
    endMs: startMs + HOUR_MS,
    away: false,
    baseloadW: null,
  };
  const quartersWh = [0, 1, 2, 3].map(() => (wh === null ? null : wh / 4));
  const day = Math.floor(slot / DAY_HOURS);
  const load = { startMs, day, hour, wh, quartersWh, exportWh: 0 };
  let next = nextAnomalyHour(state, load, circumstances);
  if (hour === DAY_HOURS - 1) {
    const closed = closeAnomalyDay(next.state, circumstances);
    next = { state: closed.state, findings: [...next.findings, ...closed.findings] };
  }
  const opened = next.findings.filter(({ change }) => change === 'opened');
  return { state: next.state, opened: opened.map(({ kind }) => kind) };
}

interface Undisturbed {
  readonly home: Home;
  /** The state before each hour. */
  readonly states: readonly AnomalyState[];
  readonly falseEvents: ReadonlyMap<AnomalyKind, number>;
}

function undisturbed(home: Home): Undisturbed {
  const states: AnomalyState[] = [];
  const falseEvents = new Map<AnomalyKind, number>();
  let state = initialAnomaly;
  home.kwh.forEach((_, at) => {
    states.push(state);
    const next = step(state, home, at, 0);
    state = next.state;
    if (at < LEARNING_HOURS) return;
    for (const kind of next.opened) falseEvents.set(kind, (falseEvents.get(kind) ?? 0) + 1);
  });
  return { home, states, falseEvents };
}

interface Fault {
  readonly name: string;
  readonly kind: AnomalyKind;
  readonly addedKw: number;
  readonly hours: number;
  /** Found in so many of a hundred, at one false event in thirty days (energy.md §4.3). */
  readonly foundMin: number;
}

const faults: readonly Fault[] = [
  { name: '+3 kW for 3 h', kind: 'spike', addedKw: 3, hours: 3, foundMin: 51 },
  { name: '+0.5 kW for 48 h', kind: 'sustained', addedKw: 0.5, hours: 48, foundMin: 72 },
  { name: '+1 kW for 24 h', kind: 'sustained', addedKw: 1, hours: 24, foundMin: 82 },
  { name: 'base +0.1 kW', kind: 'baseload-shift', addedKw: 0.1, hours: 336, foundMin: 63 },
  { name: 'base +0.2 kW', kind: 'baseload-shift', addedKw: 0.2, hours: 336, foundMin: 76 },
];
const INJECTIONS_PER_HOME = 34;

/** Share of faults at chance hours that are found while they last, in per cent. */
function foundShare(runs: readonly Undisturbed[], fault: Fault, random: () => number): number {
  let found = 0;
  for (const { home, states } of runs) {
    const firstHour = LEARNING_HOURS + 7 * DAY_HOURS;
    const room = home.kwh.length - firstHour - fault.hours - DAY_HOURS;
    for (let i = 0; i < INJECTIONS_PER_HOME; i += 1) {
      const from = firstHour + Math.floor(random() * room);
      let state = states[from]!;
      let on = false;
      for (let at = from; at < from + fault.hours && !on; at += 1) {
        const next = step(state, home, at, fault.addedKw);
        state = next.state;
        on = next.opened.includes(fault.kind);
      }
      if (on) found += 1;
    }
  }
  return (100 * found) / (runs.length * INJECTIONS_PER_HOME);
}

testWithTimeSeries('faults are found at the published rates, with one false event a month', () => {
  const runs = homes().map(undisturbed);
  const months = runs.reduce((sum, { home }) => sum + (home.kwh.length - LEARNING_HOURS) / 720, 0);
  const lines: string[] = [];
  for (const kind of new Set(faults.map((fault) => fault.kind))) {
    const events = runs.reduce((sum, { falseEvents }) => sum + (falseEvents.get(kind) ?? 0), 0);
    lines.push(`${kind}: ${(events / months).toFixed(2)} false events in 30 days`);
    expect(events / months).toBeLessThanOrEqual(1);
  }
  const random = seededRandom(20_261);
  for (const fault of faults) {
    const share = foundShare(runs, fault, random);
    lines.push(`${fault.name}: ${share.toFixed(1)} % found (table ${fault.foundMin} %)`);
    expect(share).toBeGreaterThanOrEqual(fault.foundMin);
  }
  console.log(lines.join('\n'));
});
