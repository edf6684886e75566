import { expect, test } from '@jest/globals';
import type { Finding } from '@wattbus/load-analysis';
import { MeterEvent } from '@wattbus/mqtt-contract';
import { findingEvents } from './meter-events.js';

const atMs = Date.parse('2026-06-02T10:00:00Z');
const at = '2026-06-02T10:00:00.000Z';

test('an anomaly is told when it opens and when it closes, in both languages', () => {
  const anomaly = {
    kind: 'sustained' as const,
    fromMs: atMs - 8 * 3_600_000,
    reason: { key: 'sustained' as const, parameters: { hours: 8, excessW: 502 } },
    excessWhPerDay: 12_048,
    confidence: 'normal' as const,
    atMs,
    notify: true,
  };
  const findings: Finding[] = [
    { kind: 'anomaly', anomaly: { ...anomaly, change: 'opened' } },
    { kind: 'anomaly', anomaly: { ...anomaly, change: 'closed', notify: false } },
  ];
  const [opened, closed] = findingEvents(findings, 'main').map((event) => MeterEvent.parse(event));
  expect(opened).toMatchObject({ kind: 'anomaly-opened', at, durationS: 28_800, notify: true });
  expect(opened!.reasons!.en).toContain('502 W more than usual');
  expect(opened!.reasons!.ko).toContain('502 W');
  expect(closed).toMatchObject({ kind: 'anomaly-closed', notify: false });
});

test('what befalls several phases at once is one event', () => {
  const low = { event: 'voltage-low' as const, atMs, voltageV: 201.25 };
  const events = findingEvents(
    [
      { kind: 'phase-event', event: { ...low, phase: 'L1' } },
      { kind: 'phase-event', event: { ...low, phase: 'L3', voltageV: 199 } },
    ],
    'main',
  );
  expect(events).toEqual([
    { v: 1, meter: 'main', at, kind: 'voltage-low', detail: 'L1 at 201.3 V; L3 at 199.0 V' },
  ]);
});

test('a gap says how long it was and what is known of it', () => {
  const gap = { event: 'likely-outage' as const, fromMs: atMs - 3_600_000, atMs };
  expect(findingEvents([{ kind: 'phase-event', event: gap }], 'main')).toMatchObject([
    { kind: 'likely-outage', durationS: 3600, detail: expect.stringContaining('nothing was used') },
  ]);
});
