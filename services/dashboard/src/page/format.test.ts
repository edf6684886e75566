import { describe, expect, test } from '@jest/globals';
import * as format from './format.js';

const dutch = { locale: 'en-GB', zone: 'Europe/Amsterdam' };
const german = { locale: 'de-DE', zone: 'Europe/Berlin' };
const korean = { locale: 'ko-KR', zone: 'Asia/Seoul' };

describe('power', () => {
  test.each([
    [0, '0 W'],
    [-0.2, '0 W'],
    [431.4, '431 W'],
    [999.4, '999 W'],
    [999.6, '1.00 kW'],
    [-3_527, '3.53 kW'],
    [9_994, '9.99 kW'],
    [9_995, '10.0 kW'],
    [12_345, '12.3 kW'],
  ])('writes %d W as %s, the direction apart', (watts, written) => {
    const { number, unit } = format.power(watts, dutch);
    expect(`${number} ${unit}`).toBe(written);
  });
});

test('writes energy in kWh and volume in litres or cubic metres', () => {
  expect(format.energy(0, dutch)).toEqual({ number: '0.00', unit: 'kWh' });
  expect(format.energy(8_214, german)).toEqual({ number: '8,21', unit: 'kWh' });
  expect(format.energy(211_480, dutch)).toEqual({ number: '211.5', unit: 'kWh' });
  expect(format.energy(1_211_480, dutch)).toEqual({ number: '1,211', unit: 'kWh' });
  expect(format.volume(186, dutch)).toEqual({ number: '186', unit: 'L' });
  expect(format.volume(48_210, dutch)).toEqual({ number: '48.21', unit: 'm³' });
  expect(format.heat(3_600_000, dutch)).toEqual({ number: '1.00', unit: 'kWh' });
});

test('writes money with the decimals that the currency has', () => {
  expect(format.money(2.456, 'EUR', dutch)).toBe('€2.46');
  expect(format.money(38_066.4, 'KRW', korean)).toBe('₩38,066');
  expect(format.money(-1e-12, 'EUR', dutch)).toBe('€0.00');
});

test('writes an age in its largest unit', () => {
  expect(format.age(400, dutch)).toBe('now');
  expect(format.age(59_999, korean)).toBe('59초 전');
  expect(format.age(60_000, korean)).toBe('1분 전');
  expect(format.age(2 * 3_600_000, korean)).toBe('2시간 전');
  expect(format.age(-5_000, dutch)).toBe('now');
});

describe('times', () => {
  test('are those of the site, whatever the zone of the browser', () => {
    const at = Date.parse('2026-03-11T18:30:00Z');
    expect(format.clock(at, dutch)).toBe('19:30');
    expect(format.clock(at, korean)).toBe('03:30');
    expect(format.day(at, korean)).toBe('3월 12일');
  });

  test('follow the switch to summer time', () => {
    expect(format.clock(Date.parse('2026-03-29T00:59:00Z'), dutch)).toBe('01:59');
    expect(format.clock(Date.parse('2026-03-29T01:00:00Z'), dutch)).toBe('03:00');
    expect(format.clock(Date.parse('2026-03-28T23:00:00Z'), dutch)).toBe('00:00');
  });

  test('have the date with them where it is another day', () => {
    const at = Date.parse('2026-03-28T22:30:00Z');
    expect(format.when(at, Date.parse('2026-03-28T22:59:00Z'), dutch)).toBe('23:30');
    expect(format.when(at, Date.parse('2026-03-28T23:01:00Z'), dutch)).toBe('28 Mar, 23:30');
  });
});

test("takes the browser's own variety of the language", () => {
  expect(format.localeOf('en', ['ko-KR', 'en-GB', 'en-US'])).toBe('en-GB');
  expect(format.localeOf('ko', ['en-GB'])).toBe('ko');
});
