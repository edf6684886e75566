import { expect, test } from '@jest/globals';
import type { Register, Telegram } from '@wattbus/energy-model';
import { failureEvents, replacedEvents } from './meter-events.js';
import type { ReadingDraft } from './reading-drafts.js';

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
  const first = failureEvents(new Set(), telegram('E1', [recent, old]), 'main', now);
  expect(first.events).toMatchObject([
    { kind: 'outage', meter: 'main', at: '2026-01-10T08:00:00+01:00', durationS: 301 },
  ]);
  const second = failureEvents(first.told, telegram('E1', [recent, old]), 'main', now);
  expect(second.events).toEqual([]);
});

test('tells that a meter is another one than in its newest reading', () => {
  const draft = (meter: string, meterId?: string): ReadingDraft => ({
    v: 1,
    meter,
    medium: 'electricity',
    role: 'grid',
    at: now,
    receivedAt: now,
    atSource: 'meter',
    quality: 'checked',
    ...(meterId === undefined ? {} : { meterId }),
  });
  const known = new Map([
    ['main', 'E1'],
    ['main-gas', 'G1'],
  ]);
  const drafts = [draft('main', 'E2'), draft('main-gas', 'G1'), draft('main-water', 'W1')];
  expect(replacedEvents(known, drafts)).toEqual([
    {
      v: 1,
      meter: 'main',
      at: now,
      kind: 'replaced',
      detail: 'the meter says it is E2; before it was E1',
    },
  ]);
  expect(replacedEvents(known, [draft('main')])).toEqual([]);
});
