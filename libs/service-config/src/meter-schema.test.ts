import { expect, test } from '@jest/globals';
import { CheckedConfig } from './config-schema.js';

const faultsOf = (meter: Record<string, unknown>): readonly string[] => {
  const checked = CheckedConfig.safeParse({ meters: [{ name: 'm', port: '/dev/null', ...meter }] });
  return (checked.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('a meter without a protocol is detected', () => {
  expect(
    CheckedConfig.parse({ meters: [{ name: 'm', port: '/dev/null' }] }).meters[0],
  ).toMatchObject({ protocol: 'auto', role: 'grid' });
});

test.each([
  [{ pattern: '^\\d+$' }, 'meters.0.pattern: the pattern has no named group'],
  [{ pattern: '(?<powerX>\\d+)' }, 'meters.0.pattern: no quantity is called powerX'],
  [{ pattern: '(?<powerW>', protocol: 'text-line' }, 'the pattern is no regular expression'],
  [{ pattern: '(?<powerW>\\d+)', protocol: 'sml' }, 'belongs to the protocol text-line only'],
  [{ protocol: 'json', fields: { a: 'powerX' } }, 'meters.0.fields: json: '],
  [{ protocol: 'modbus', registerMap: 'none' }, 'meters.0.registerMap: modbus: '],
  [{ protocol: 'mbus', address: '999' }, 'meters.0.address: mbus: '],
])('says what is wrong in %o', (meter, message) => {
  expect(faultsOf(meter)).toEqual([expect.stringContaining(message)]);
});
