import { describe, expect, test } from '@jest/globals';
import { isFault, type Telegram } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { dlms } from './dlms.protocol.js';
import {
  encodeAidonPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeKamstrupPush,
  type ListValue,
} from './encode.js';

function decodeAll(bytes: Uint8Array): readonly Telegram[] {
  const results = dlms.decoder({ standardOffsetMinutes: 60 }).push(bytes);
  return results.map((result) => {
    if (isFault(result)) throw new Error(JSON.stringify(result));
    return result;
  });
}

const measuredOf = (apdu: Uint8Array) =>
  measurementsOf(decodeAll(encodeHdlcPush(apdu))[0]!)[0]!.measured;

const at = '2024-05-06T07:00:05';
const kamstrup = (model: string, values: readonly ListValue[]) =>
  encodeKamstrupPush(at, [{ obis: '1-1:96.1.1', value: model }, ...values]);

/** The digits of a Kamstrup list: power in W, a current, a voltage, an energy register. */
const digits: readonly ListValue[] = [
  { obis: '1-1:1.7.0', value: 2_016, unit: 'W' },
  { obis: '1-1:31.7.0', value: 896 },
  { obis: '1-1:32.7.0', value: 225, unit: 'V' },
  { obis: '1-1:1.8.0', value: 7_745_250 },
];

describe('each maker has its own scale, and the house draws the same', () => {
  const house = { powerW: 2_016, currentL1A: 8.96, voltageL1V: 225 };
  const kaifa = {
    id: '6970631400000000',
    model: 'MA304H3E',
    exportW: 0,
    reactiveImportVar: 0,
    reactiveExportVar: 0,
    currentsA: [8.96],
    voltagesV: [225],
    energies: [77_452_500, 0, 0, 0],
  } as const;

  test.each<[string, Uint8Array, number]>([
    ['Kamstrup in Norway: 10 Wh, 0.01 A, 1 V', kamstrup('6861111BN242101040', digits), 77_452_500],
    ['Kamstrup in Sweden: 1 Wh', kamstrup('6841138AN243101090', digits), 7_745_250],
    [
      'Kaifa: 1 Wh, 0.001 A, 0.1 V',
      encodeKaifaPush({ at, powerW: 2_016, detail: kaifa }),
      77_452_500,
    ],
    [
      'Aidon: as it says with each value',
      encodeAidonPush([
        { obis: '1-0:1.7.0', value: 2_016, unit: 'W' },
        { obis: '1-0:31.7.0', value: 8.96, unit: 'A', scaler: -2 },
        { obis: '1-0:32.7.0', value: 225, unit: 'V', scaler: -1 },
        { obis: '1-0:1.8.0', value: 77_452_500, unit: 'Wh', scaler: 1 },
      ]),
      77_452_500,
    ],
  ])('%s', (_, apdu, energyImportWh) => {
    expect(measuredOf(apdu)).toMatchObject({ ...house, energyImportWh });
  });

  test('behind transformers: 90999 is 90.999 A, since 909.99 A do not fit the power', () => {
    const phases = ['31', '51', '71'].map((c) => ({ obis: `1-1:${c}.7.0`, value: 90_999 }));
    const volts = ['32', '52', '72'].map((c) => ({ obis: `1-1:${c}.7.0`, value: 233, unit: 'V' }));
    const power = { obis: '1-1:1.7.0', value: 63_000, unit: 'W' };
    const measured = measuredOf(kamstrup('6861111BN242101040', [power, ...phases, ...volts]));
    expect(measured).toMatchObject({ currentL1A: 90.999, voltageL1V: 233 });
  });
});

describe('counters that come once an hour', () => {
  const hour = (clock: string, energyWh?: number) =>
    encodeHdlcPush(
      encodeAidonPush(
        [
          { obis: '1-0:1.7.0', value: 280, unit: 'W' },
          ...(energyWh === undefined
            ? []
            : [{ obis: '1-0:1.8.0', value: energyWh, unit: 'Wh', scaler: 1 }]),
        ],
        clock,
      ),
    );

  test('that repeat for an hour while the clock goes on are registers, not zero', () => {
    const [first, second, third] = decodeAll(
      Buffer.concat([
        hour('2024-05-06T07:00:00+01:00', 22_721_380),
        hour('2024-05-06T08:00:00+01:00', 22_721_380),
        hour('2024-05-06T09:00:00+01:00', 22_723_380),
      ]),
    );
    const energyOf = (telegram: Telegram | undefined) =>
      measurementsOf(telegram!)[0]!.measured.energyImportWh;
    expect([first, second, third].map(energyOf)).toEqual([22_721_380, 22_721_380, 22_723_380]);
    expect(second!.at).toBe('2024-05-06T08:00:00+01:00');
    expect(second!.warnings).toEqual([]);
  });

  test('are absent in the lists between, not zero', () => {
    const [between] = decodeAll(hour('2024-05-06T07:30:00+01:00'));
    expect(measurementsOf(between!)[0]!.measured).toEqual({ powerW: 280 });
  });
});

test('Landis+Gyr E450: whole volts without a scaler stay volts', () => {
  const values = ['32', '52', '72'].map((c) => ({ obis: `1-0:${c}.7.0`, value: 234, unit: 'V' }));
  expect(measuredOf(encodeKamstrupPush(at, values))).toEqual({
    voltageL1V: 234,
    voltageL2V: 234,
    voltageL3V: 234,
  });
});
