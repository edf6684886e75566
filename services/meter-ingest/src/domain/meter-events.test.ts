import { expect, test } from '@jest/globals';
import type { Register, Telegram } from '@wattbus/energy-model';
import { eventsOf, nothingTold } from './meter-events.js';

const now = '2026-01-10T12:00:00Z';
const failure = (endedAt: string): Register => ({
  obis: '1-0:99.97.0',
  value: 301,
  unit: 's',
  at: endedAt,
});
const telegram = (id: string, registers: readonly Register[] = []): Telegram => ({
  protocol: 'dsmr',
  meter: { id },
  at: now,
  registers,
  checked: true,
  warnings: [],
});

test('tells a power failure of the last day once', () => {
  const recent = failure('2026-01-10T08:00:00+01:00');
  const old = failure('2026-01-08T08:00:00+01:00');
  const first = eventsOf(nothingTold, telegram('E1', [recent, old]), 'main', now);
  expect(first.events).toMatchObject([
    { kind: 'outage', meter: 'main', at: '2026-01-10T08:00:00+01:00', durationS: 301 },
  ]);
  const second = eventsOf(first.memory, telegram('E1', [recent, old]), 'main', now);
  expect(second.events).toEqual([]);
});

test('tells that the meter is another one', () => {
  const first = eventsOf(nothingTold, telegram('E1'), 'main', now);
  expect(first.events).toEqual([]);
  const second = eventsOf(first.memory, telegram('E2'), 'main', now);
  expect(second.events).toMatchObject([
    { kind: 'replaced', detail: expect.stringMatching(/E2.*E1/) },
  ]);
  expect(eventsOf(second.memory, telegram('E2'), 'main', now).events).toEqual([]);
});
