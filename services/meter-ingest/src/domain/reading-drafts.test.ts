import { describe, expect, test } from '@jest/globals';
import type { Register, Telegram } from '@wattbus/energy-model';
import type { Source } from './channel-names.js';
import { draftsOf } from './reading-drafts.js';

const receivedAt = '2026-03-29T01:15:00.312Z';
const at = '2026-03-29T03:15:00+02:00';
const main: Source = { name: 'main', role: 'grid', channels: [] };

const power: Register = { obis: '1-0:1.7.0', value: 0.431, unit: 'kW' };
const importKWh: Register = { obis: '1-0:1.8.1', value: 1234.567, unit: 'kWh' };
const gas = (channel: number, gasAt: string, m3: number): Register[] => [
  { obis: `0-${channel}:24.1.0`, value: 3 },
  { obis: `0-${channel}:24.2.1`, value: m3, unit: 'm3', at: gasAt },
];
const telegram = (registers: Register[], statedAt: string | null = at): Telegram => ({
  protocol: 'dsmr',
  meter: { id: 'E1' },
  at: statedAt,
  registers,
  checked: true,
  warnings: [],
});
const drafts = (of: Telegram, captured = new Map<string, string>(), source = main) =>
  draftsOf(of, source, receivedAt, captured);

describe('the readings of a telegram', () => {
  test('are one of the meter itself, in watts and whole watt-hours', () => {
    expect(drafts(telegram([power, importKWh]))).toEqual([
      {
        v: 1,
        meter: 'main',
        medium: 'electricity',
        role: 'grid',
        at,
        receivedAt,
        atSource: 'meter',
        quality: 'checked',
        meterId: 'E1',
        powerW: 431,
        energyImportWh: 1_234_567,
        energyImportTariff1Wh: 1_234_567,
      },
    ]);
  });

  test('carry the serial number where a checksum covers it', () => {
    const unchecked = { ...telegram([power]), checked: false };
    expect(drafts(unchecked)[0]).not.toHaveProperty('meterId');
    const id = { obis: '0-1:96.1.0', value: '47303031' };
    const [, behind] = drafts(telegram([power, ...gas(1, at, 12), id]));
    expect(behind).toMatchObject({ meter: 'main-gas', meterId: 'G001' });
  });

  test('take our clock where the meter has none', () => {
    expect(drafts(telegram([power], null))[0]).toMatchObject({
      at: receivedAt,
      atSource: 'received',
    });
  });

  test.each([
    '1970-01-01T00:00:10+00:00',
    '2000-01-01T00:00:00+01:00',
    '9999-01-01T00:00:00+01:00',
  ])('take our clock where the meter says %s', (wrong) => {
    expect(drafts(telegram([power], wrong))[0]).toMatchObject({
      at: receivedAt,
      atSource: 'received',
    });
  });

  test('are none where the telegram states no number', () => {
    expect(drafts(telegram([]))).toEqual([]);
  });

  test('are of the medium that the configured role says', () => {
    const line = telegram([{ label: 'volumeL', value: 5, unit: 'L' }]);
    expect(drafts(line, new Map(), { ...main, name: 'gas', role: 'gas' })).toMatchObject([
      { medium: 'gas', role: 'gas', volumeL: 5 },
    ]);
  });

  test('hold a gas meter as a meter of its own, once for each time that it was read', () => {
    const gasAt = '2026-03-29T03:10:00+02:00';
    const first = drafts(telegram([power, ...gas(1, gasAt, 12.345)]));
    expect(first[1]).toMatchObject({
      meter: 'main-gas',
      medium: 'gas',
      role: 'gas',
      at: gasAt,
      volumeL: 12_345,
    });
    const again = drafts(
      telegram([power, ...gas(1, gasAt, 12.345)]),
      new Map([['main-gas', gasAt]]),
    );
    expect(again.map(({ meter }) => meter)).toEqual(['main']);
  });

  test('tell two gas meters on one port apart by their channels', () => {
    const both = drafts(telegram([...gas(1, at, 1), ...gas(3, at, 2)]));
    expect(both.map(({ meter }) => meter)).toEqual(['main-gas-1', 'main-gas-3']);
  });
});
