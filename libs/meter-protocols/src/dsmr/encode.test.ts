import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Measured, QuantityName, Telegram } from '@wattbus/energy-model';
import { measurementsOf, powerFailuresOf } from '../measurements.js';
import { dsmr } from './dsmr.protocol.js';
import { encodeDsmr, type DsmrDescription } from './encode.js';
import type { P1Variant } from './encode-rows.js';

const plain: DsmrDescription = {
  variant: '5.0',
  identification: 'WBS5\\2SIM-1',
  meterId: 'E0001',
  at: '2026-01-15T12:00:00+01:00',
  standardOffsetMinutes: 60,
  measured: {},
};

function decoded(description: DsmrDescription): Telegram {
  const decoder = dsmr.decoder({ standardOffsetMinutes: description.standardOffsetMinutes });
  const [telegram] = decoder.push(encodeDsmr(description));
  return telegram as Telegram;
}

const energy = fc.integer({ min: 0, max: 999_999_999 });
const watts = fc.integer({ min: -99_999, max: 99_999 });
const tenths = fc.integer({ min: 0, max: 9_999 }).map((value) => value / 10);

const house = fc.record({
  energyImportTariff1Wh: energy,
  energyImportTariff2Wh: energy,
  energyExportTariff1Wh: energy,
  energyExportTariff2Wh: energy,
  powerW: watts,
  powerL1W: watts,
  powerL2W: watts,
  powerL3W: watts,
  voltageL1V: tenths,
  voltageL2V: tenths,
  voltageL3V: tenths,
  powerFailureCount: fc.integer({ min: 0, max: 99_999 }),
});

const withoutVoltage = (measured: Measured): Measured =>
  Object.fromEntries(Object.entries(measured).filter(([name]) => !name.startsWith('voltage')));
const without = (measured: Measured, name: QuantityName): Measured =>
  Object.fromEntries(Object.entries(measured).filter(([other]) => other !== name));

test.each<[P1Variant, (measured: Measured) => Measured]>([
  ['4.2', withoutVoltage],
  ['5.0', (measured) => measured],
  ['belgian', (measured) => without(measured, 'powerFailureCount')],
])('what a %s telegram is made of comes back from it', (variant, stated) => {
  fc.assert(
    fc.property(house, (measured) => {
      const telegram = decoded({ ...plain, variant, measured });
      expect(telegram).toMatchObject({ at: plain.at, checked: true, meter: { id: 'E0001' } });
      expect(measurementsOf(telegram)[0]?.measured).toEqual({
        ...stated(measured),
        energyImportWh: measured.energyImportTariff1Wh + measured.energyImportTariff2Wh,
        energyExportWh: measured.energyExportTariff1Wh + measured.energyExportTariff2Wh,
      });
    }),
  );
});

test('version 2.2 has no clock, no checksum and power in steps of 10 W', () => {
  const measured = { energyImportTariff1Wh: 1_234_567, powerW: -1_230 };
  const telegram = decoded({ ...plain, variant: '2.2', measured });
  expect(telegram).toMatchObject({ at: null, checked: false });
  expect(measurementsOf(telegram)[0]?.measured).toEqual({ ...measured, energyImportWh: 1_234_567 });
});

describe.each<P1Variant>(['2.2', '4.2', '5.0', 'belgian'])('%s', (variant) => {
  test('its gas and heat meters come back, with their time in summer and winter', () => {
    for (const at of ['2026-07-15T12:00:00+02:00', '2026-01-15T12:00:00+01:00']) {
      const telegram = decoded({
        ...plain,
        variant,
        measured: { powerW: 0 },
        channels: [
          { channel: 1, deviceType: 3, id: 'G0001', at, value: 1_234.567, unit: 'm3' },
          { channel: 2, deviceType: 4, id: 'H0001', at, value: 12.345, unit: 'GJ' },
        ],
      });
      expect(measurementsOf(telegram).slice(1)).toEqual([
        {
          subject: 'channel-1',
          meterId: 'G0001',
          medium: 'gas',
          at,
          measured: { volumeL: 1_234_567 },
        },
        {
          subject: 'channel-2',
          meterId: 'H0001',
          medium: 'heat',
          at,
          measured: { heatJ: 12_345_000_000 },
        },
      ]);
    }
  });
});

test('the failure log comes back', () => {
  const powerFailures = [
    { endedAt: '2025-07-02T03:14:15+02:00', durationS: 1_234 },
    { endedAt: '2025-11-02T03:14:15+01:00', durationS: 200 },
  ];
  expect(powerFailuresOf(decoded({ ...plain, powerFailures }))).toEqual(powerFailures);
});

test('Belgian peaks come back', () => {
  const telegram = decoded({
    ...plain,
    variant: 'belgian',
    measured: { demandImportW: 450, demandImportPeakMonthW: 4_010 },
    demandImportPeakMonthAt: '2026-01-12T18:30:00+01:00',
    pastPeaks: [
      { monthEnd: '2026-01-01T00:00:00+01:00', at: '2025-12-24T17:45:00+01:00', demandW: 5_123 },
    ],
  });
  expect(measurementsOf(telegram)[0]).toMatchObject({
    measured: { demandImportW: 450, demandImportPeakMonthW: 4_010 },
    demandImportPeakMonthAt: '2026-01-12T18:30:00+01:00',
  });
  expect(telegram.registers).toContainEqual({
    obis: '0-0:98.1.0',
    label: '1-0:1.6.0 until 2026-01-01T00:00:00+01:00',
    value: 5.123,
    unit: 'kW',
    at: '2025-12-24T17:45:00+01:00',
  });
});

test.each<Partial<DsmrDescription>>([
  { measured: { energyImportTariff1Wh: 1e9 } },
  { measured: { energyImportTariff1Wh: -1 } },
  { measured: { powerW: NaN } },
  { at: '2026-01-15T12:00:00Z' },
])('refuses what no meter can print: %j', (wrong) => {
  expect(() => encodeDsmr({ ...plain, ...wrong })).toThrow(RangeError);
});
