import { expect, test } from '@jest/globals';
import { CheckedConfig } from '@wattbus/service-config';
import { staleAfterMsOf } from './silence.js';

const staleAfterS = (given: Record<string, unknown>, protocol: string): number => {
  const { meters } = CheckedConfig.parse({ meters: [{ name: 'm', ...given }] });
  return staleAfterMsOf(meters[0]!, protocol) / 1_000;
};
const url = 'http://127.0.0.1/api/v1/data';

test.each([
  [{ port: '/dev/p1' }, 'dsmr', 60],
  [{ port: '/dev/p1' }, 'auto', 60],
  [{ port: '/dev/bus', protocol: 'mbus' }, 'mbus', 900],
  [{ mqtt: { kind: 'tasmota', device: 'd' } }, 'tasmota', 900],
  [{ http: { url } }, 'homewizard', 60],
  [{ http: { url, everyS: 600 } }, 'homewizard', 1_800],
  [{ port: '/dev/bus', protocol: 'mbus', staleAfterS: 20 }, 'mbus', 20],
])('%j, found to be %s, is stale after %i s', (given, protocol, expected) => {
  expect(staleAfterS(given, protocol)).toBe(expected);
});
