import { describe, expect, test } from '@jest/globals';
import type { Measured, Register, Telegram } from '@wattbus/energy-model';
import { measurementsOf, powerFailuresOf } from './measurements.js';

const telegramOf = (registers: readonly Register[], rest: Partial<Telegram> = {}): Telegram => ({
  protocol: 'test',
  meter: { id: 'M1' },
  at: '2026-01-15T12:00:00+01:00',
  registers,
  checked: true,
  warnings: [],
  ...rest,
});

/** `1-0:1.8.0 12.345 kWh`: code, value and unit. */
function register(text: string): Register {
  const [obis, value, unit] = text.split(' ') as [string, string, string?];
  return { obis, value: Number(value), ...(unit === undefined ? {} : { unit }) };
}

const measuredOf = (...lines: readonly string[]): Measured =>
  measurementsOf(telegramOf(lines.map(register)))[0]?.measured ?? {};

describe('units', () => {
  test.each<[string, Measured]>([
    ['1-0:1.8.0 3432.921 kWh', { energyImportWh: 3_432_921 }],
    ['1-0:1.8.0 52185.7825309 kWh', { energyImportWh: 52_185_783 }],
    ['1-0:1.8.0 441879 Wh', { energyImportWh: 441_879 }],
    ['1-0:2.8.0 1.5 MWh', { energyExportWh: 1_500_000 }],
    ['1-0:3.8.0 0.123 kvarh', { energyReactiveImportVarh: 123 }],
    ['1-0:4.8.0 0.123 kVArh', { energyReactiveExportVarh: 123 }],
    ['1-0:1.7.0 1.001 kW', { powerW: 1_001 }],
    ['1-0:16.7.0 -512.3 W', { powerW: -512.3 }],
    ['1-0:3.7.0 166 var', { reactivePowerVar: 166 }],
    ['1-0:9.7.0 1.2 kVA', { apparentPowerVA: 1_200 }],
    ['1-0:32.7.0 231.4 V', { voltageL1V: 231.4 }],
    ['1-0:31.7.0 500 mA', { currentL1A: 0.5 }],
    ['1-0:14.7.0 49.98 Hz', { frequencyHz: 49.98 }],
    ['1-1:1.8.0 1 kWh', { energyImportWh: 1_000 }],
  ])('%s', (line, measured) => {
    expect(measuredOf(line)).toEqual(measured);
  });

  test.each([
    ['no unit', '1-0:1.8.0 5'],
    ['the unit of something else', '1-0:1.7.0 0.318 kVA'],
    ['a unit where none belongs', '0-0:96.7.21 8 s'],
    ['a falling register', '1-0:1.8.0 -1 kWh'],
    ['a placeholder for no limit in kW', '0-0:17.0.0 999.9 kW'],
    ['a placeholder for no limit in A', '1-0:31.4.0 999 A'],
    ['a power factor above one', '1-0:13.7.0 4.556'],
    ['an unknown code', '1-0:96.50.1 1 W'],
  ])('%s is left out', (_name, line) => {
    expect(measurementsOf(telegramOf([register(line)]))).toEqual([]);
  });
});

describe('power', () => {
  test('it is import minus export, for the whole and each phase', () => {
    expect(
      measuredOf(
        '1-0:1.7.0 0 kW',
        '1-0:2.7.0 1.18 kW',
        '1-0:21.7.0 0.12 kW',
        '1-0:22.7.0 0 kW',
        '1-0:41.7.0 0 kW',
        '1-0:42.7.0 1.3 kW',
      ),
    ).toEqual({ powerW: -1_180, powerL1W: 120, powerL2W: -1_300 });
  });

  test('a signed total is preferred', () => {
    expect(measuredOf('1-0:1.7.0 5 W', '1-0:2.7.0 7 W', '1-0:16.7.0 -2 W')).toEqual({ powerW: -2 });
  });

  test('reactive power can come from the four quadrants', () => {
    expect(
      measuredOf(
        '1-0:5.7.0 0 kvar',
        '1-0:6.7.0 0.1 kvar',
        '1-0:7.7.0 0.5 kvar',
        '1-0:8.7.0 0 kvar',
      ),
    ).toEqual({ reactivePowerVar: -400 });
  });

  test('currents take the sign of the power of their phase', () => {
    expect(
      measuredOf('1-0:31.7.0 5 A', '1-0:22.7.0 1.1 kW', '1-0:51.7.0 3 A', '1-0:41.7.0 0.6 kW'),
    ).toEqual({ currentL1A: -5, powerL1W: -1_100, currentL2A: 3, powerL2W: 600 });
  });
});

describe('energy', () => {
  const tariffs = ['1-0:1.8.1 0.034 kWh', '1-0:1.8.2 15.758 kWh'];

  test('without a total it is the sum of the tariffs', () => {
    expect(measuredOf(...tariffs)).toEqual({
      energyImportWh: 15_792,
      energyImportTariff1Wh: 34,
      energyImportTariff2Wh: 15_758,
    });
  });

  test('a stated total counts before the sum', () => {
    expect(measuredOf(...tariffs, '1-0:1.8.0 20 kWh').energyImportWh).toBe(20_000);
  });

  test('no sum is made from an unchecked telegram that lost a line', () => {
    const lost = { checked: false, warnings: ['line skipped: "1-0:1.8.3(0x*kWh)"'] };
    const [found] = measurementsOf(telegramOf(tariffs.map(register), lost));
    expect(found?.measured).toEqual({ energyImportTariff1Wh: 34, energyImportTariff2Wh: 15_758 });
  });

  test('the first of a repeated code counts', () => {
    expect(measuredOf('1-0:1.8.0 2 kWh', '1-0:1.8.0 3 kWh')).toEqual({ energyImportWh: 2_000 });
  });
});

describe('limits, switches and demand', () => {
  test.each<[string, Measured]>([
    ['0-0:17.0.0 16 A', { currentLimitA: 16 }],
    ['0-0:17.0.0 90 kW', { powerLimitW: 90_000 }],
    ['1-0:31.4.0 40 A', { currentLimitA: 40 }],
    ['0-0:96.3.10 1', { breakerState: 1 }],
    ['0-0:96.14.0 2', { tariffIndicator: 2 }],
    ['1-0:1.4.0 2.351 kW', { demandImportW: 2_351 }],
  ])('%s', (line, measured) => {
    expect(measuredOf(line)).toEqual(measured);
  });

  test('a tariff indicator may be text', () => {
    expect(
      measurementsOf(telegramOf([{ obis: '0-0:96.14.0', value: '0001' }]))[0]?.measured,
    ).toEqual({ tariffIndicator: 1 });
  });

  test('the peak of the month keeps its time', () => {
    const at = '2026-01-12T18:30:00+01:00';
    const peak = { ...register('1-0:1.6.0 4.01 kW'), at };
    expect(measurementsOf(telegramOf([peak]))).toEqual([
      {
        subject: 'main',
        meterId: 'M1',
        medium: 'electricity',
        at: '2026-01-15T12:00:00+01:00',
        measured: { demandImportPeakMonthW: 4_010 },
        demandImportPeakMonthAt: at,
      },
    ]);
  });
});

describe('channels', () => {
  const at = '2026-01-15T11:55:00+01:00';
  const channel = (type: number | string, value: number, unit?: string): readonly Register[] => [
    { obis: '0-2:24.1.0', value: type },
    { obis: '0-2:96.1.0', value: '47303031' },
    { obis: '0-2:24.2.1', value, ...(unit === undefined ? {} : { unit }), at },
  ];

  test.each([
    [3, 'gas', 12.345, 'm3', { volumeL: 12_345 }],
    [3, 'gas', 12, 'dm3', { volumeL: 12 }],
    [7, 'water', 872.234, 'm3', { volumeL: 872_234 }],
    [6, 'hot-water', 1, 'm3', { volumeL: 1_000 }],
    [4, 'heat', 240.86, 'GJ', { heatJ: 240_860_000_000 }],
    [12, 'heat', 1.5, 'kWh', { heatJ: 5_400_000 }],
    [4, 'heat', 33_221.122, 'MJ', { heatJ: 33_221_122_000 }],
    [10, 'cooling', 1, 'GJ', { coolingJ: 1_000_000_000 }],
    [2, 'electricity', 3.5, 'kWh', { energyImportWh: 3_500 }],
  ] as const)('device type %i is %s: %d %s', (...row) => {
    const [type, medium, value, unit, measured] = row;
    expect(measurementsOf(telegramOf(channel(type, value, unit)))).toEqual([
      { subject: 'channel-2', meterId: 'G001', medium, at, measured },
    ]);
  });

  test.each([
    ['of an unknown device type', channel(99, 1, 'm3')],
    ['without a device type', channel('', 1, 'm3')],
    ['whose reading has no unit, as before its first one', channel(3, 0)],
    ['whose unit does not fit its device type', channel(3, 1, 'GJ')],
  ])('nothing is measured on a channel %s', (_name, registers) => {
    expect(measurementsOf(telegramOf(registers))).toEqual([]);
  });

  test('Belgian codes give the same', () => {
    const registers: readonly Register[] = [
      { obis: '0-1:24.1.0', value: 3 },
      { obis: '0-1:96.1.1', value: '37464C4F' },
      { obis: '0-1:24.2.3', value: 112.384, unit: 'm3', at },
    ];
    expect(measurementsOf(telegramOf(registers))).toEqual([
      { subject: 'channel-1', meterId: '7FLO', medium: 'gas', at, measured: { volumeL: 112_384 } },
    ]);
  });
});

describe('labels', () => {
  test('a label that is a quantity is taken as such, in the stated unit', () => {
    const registers: readonly Register[] = [
      { label: 'powerW', value: -5, unit: 'W' },
      { label: 'energyImportWh', value: 12.5, unit: 'kWh' },
      { label: 'somethingElse', value: 1, unit: 'W' },
    ];
    expect(measurementsOf(telegramOf(registers, { meter: {}, at: null }))).toEqual([
      {
        subject: 'main',
        medium: 'electricity',
        at: null,
        measured: { powerW: -5, energyImportWh: 12_500 },
      },
    ]);
  });

  test('what it measures tells the medium', () => {
    const mediumOf = (label: string, unit: string): unknown =>
      measurementsOf(telegramOf([{ label, value: 1, unit }]))[0]?.medium;
    expect(mediumOf('heatJ', 'GJ')).toBe('heat');
    expect(mediumOf('coolingJ', 'GJ')).toBe('cooling');
    expect(mediumOf('volumeL', 'm3')).toBe('water');
  });
});

test('the failure log leaves out placeholders and entries without a time', () => {
  const entry = (value: number, at?: string): Register => ({
    obis: '1-0:99.97.0',
    label: '0-0:96.7.19',
    value,
    unit: 's',
    ...(at === undefined ? {} : { at }),
  });
  const log = [
    entry(236, '2018-04-17T20:14:58+02:00'),
    entry(2_147_483_647, '2018-04-17T20:14:58+02:00'),
    entry(620, '2000-01-01T00:14:16+01:00'),
    entry(23),
  ];
  expect(powerFailuresOf(telegramOf(log))).toEqual([
    { endedAt: '2018-04-17T20:14:58+02:00', durationS: 236 },
  ]);
});

describe('codes that meters write in their own way', () => {
  const measuredOf = (obis: string, value: number, unit: string): unknown =>
    measurementsOf(telegramOf([{ obis, value, unit }]))[0]?.measured;

  test('15.7.0 is power where nothing else states it (EMH, Hager)', () => {
    expect(measuredOf('1-0:15.7.0', 431, 'W')).toEqual({ powerW: 431 });
  });

  test('tariff 255 is the total (EasyMeter)', () => {
    expect(measuredOf('1-0:1.7.255', 0.431, 'kW')).toEqual({ powerW: 431 });
  });

  test('electricity without its medium is electricity (Landis+Gyr ZMF100)', () => {
    expect(measuredOf('0-0:1.8.0', 12.345, 'kWh')).toEqual({ energyImportWh: 12_345 });
  });

  test('heat has its own medium and units', () => {
    expect(measuredOf('6-0:6.8.0', 2.5, 'MWh')).toEqual({ heatJ: 9_000_000_000 });
  });
});
