import type { Reading } from '@wattbus/energy-model';
import type { AnomalyFinding, Finding, PhaseEvent, RegisterResult } from '@wattbus/load-analysis';
import type { MeterEvent } from '@wattbus/mqtt-contract';
import { reasonsFor } from './insights/anomaly.js';

/**
 * What of the ledger's findings is an event for people; the others are only counted. Why a register
 * falls is said by meter-ingest, before it does.
 */
const registerKinds: Readonly<Partial<Record<RegisterResult['event'], MeterEvent['kind']>>> = {
  'register-jump': 'register-jump',
};

type Told = Omit<MeterEvent, 'v' | 'meter'>;

export function registerEvent(
  { register, event, from, to }: RegisterResult,
  { meter, at }: Reading,
): MeterEvent | null {
  const kind = registerKinds[event];
  const detail = `${event} of ${register}, from ${from} to ${to}`;
  return kind === undefined ? null : { v: 1, meter, at, kind, detail };
}

/**
 * What the findings of a reading are as events. An event is known by its meter, kind and time, so
 * that those of several phases at once are one.
 */
export function findingEvents(findings: readonly Finding[], meter: string): readonly MeterEvent[] {
  const events = new Map<string, MeterEvent>();
  for (const finding of findings) {
    const told = toldOf(finding);
    if (!told) continue;
    const key = `${told.kind} ${told.at}`;
    const known = events.get(key);
    const detail = known ? `${known.detail}; ${told.detail}` : told.detail;
    events.set(key, { v: 1, meter, ...told, ...known, detail });
  }
  return [...events.values()];
}

function toldOf(finding: Finding): Told | null {
  switch (finding.kind) {
    case 'anomaly':
      return toldAnomaly(finding.anomaly);
    case 'phase-event':
      return toldPhase(finding.event);
    case 'appliance-run':
      return null;
  }
}

const changeKinds = { opened: 'anomaly-opened', closed: 'anomaly-closed' } as const;

function toldAnomaly({ kind, change, atMs, fromMs, reason, notify }: AnomalyFinding): Told {
  const reasons = reasonsFor(reason);
  return {
    at: instant(atMs),
    kind: changeKinds[change],
    detail: `${kind}: ${reasons.en}`,
    durationS: (atMs - fromMs) / 1000,
    reasons,
    notify,
  };
}

function toldPhase(event: PhaseEvent): Told {
  const at = instant(event.atMs);
  if ('voltageV' in event) {
    const detail = `${event.phase} at ${event.voltageV.toFixed(1)} V`;
    return { at, kind: event.event, detail };
  }
  if ('counter' in event) {
    return { at, kind: event.event, detail: `${event.counter} has risen by ${event.count}` };
  }
  const durationS = (event.atMs - event.fromMs) / 1000;
  return { at, kind: event.event, detail: gaps[event.event](durationS), durationS };
}

const gaps = {
  outage: (s: number) => `nothing was heard for ${s} s, and the meter counted a power failure`,
  'likely-outage': (s: number) => `nothing was heard for ${s} s, and nothing was used`,
  'data-gap': (s: number) => `nothing was heard for ${s} s; the meter counted on`,
} as const;

const instant = (atMs: number): string => new Date(atMs).toISOString();
