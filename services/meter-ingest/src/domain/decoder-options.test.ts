import { expect, test } from '@jest/globals';
import { protocolNamed } from '@wattbus/meter-protocols';
import { Config, type MeterConfig } from '@wattbus/service-config';
import { decoderOptionsOf, settingsOf } from './decoder-options.js';

const meterWith = (given: Record<string, unknown>): MeterConfig =>
  Config.parse({ meters: [{ name: 'main', port: '/dev/null', ...given }] }).meters[0]!;

test('takes the protocol’s usual line settings, and those configured instead', () => {
  const dsmr = protocolNamed('dsmr')!;
  expect(settingsOf(meterWith({}), dsmr).baudRate).toBe(115_200);
  expect(settingsOf(meterWith({ baudRate: 9_600, dataBits: 7, parity: 'even' }), dsmr)).toEqual({
    baudRate: 9_600,
    dataBits: 7,
    parity: 'even',
    stopBits: 1,
  });
});

test.each([
  ['Europe/Amsterdam', 60],
  ['Asia/Seoul', 540],
  ['Australia/Sydney', 600],
  ['America/St_Johns', -210],
])('knows the winter time of %s', (zone, minutes) => {
  expect(decoderOptionsOf(meterWith({}), zone, 2026).standardOffsetMinutes).toBe(minutes);
});

test('passes keys on as bytes', () => {
  const { key } = decoderOptionsOf(
    meterWith({ key: '000102030405060708090A0B0C0D0EFF' }),
    'UTC',
    2026,
  );
  expect([...key!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
});
