import type { Reading } from '@wattbus/energy-model';

const START_MS = Date.parse('2026-03-29T00:00:00Z');

/** What ingest makes of a meter's `n`th second, before the journal gives it its number. */
export function draftOf(meter: string, n: number): Omit<Reading, 'epoch' | 'seq'> {
  const at = new Date(START_MS + n * 1_000).toISOString();
  return {
    v: 1,
    meter,
    medium: 'electricity',
    role: 'grid',
    at,
    receivedAt: at,
    atSource: 'meter',
    quality: 'checked',
    powerW: n % 4_000,
    energyImportWh: 1_000_000 + n,
  };
}
