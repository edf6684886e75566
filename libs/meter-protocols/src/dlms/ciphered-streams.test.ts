import { expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault } from '@wattbus/energy-model';
import { encodeCiphered } from './ciphering.js';
import { dlms } from './dlms.protocol.js';
import { encodeAustrianPush, encodeMbusPush } from './encode.js';

const keys = { key: Buffer.alloc(16, 0x31), authenticationKey: Buffer.alloc(16, 0x77) };

test('is deciphered whatever its ciphered text begins with', () => {
  const plain = encodeAustrianPush(
    '2026-07-01T12:00:00+02:00',
    [{ obis: '1-0:1.8.0', value: 86_400_021, unit: 'Wh' }],
    '1KFM0200000009',
  );
  const decoder = dlms.decoder({ standardOffsetMinutes: 60, ...keys });
  const begun = new Set<number>();
  for (let invocationCounter = 1; invocationCounter <= 2_000; invocationCounter += 1) {
    const apdu = encodeCiphered(plain, {
      ...keys,
      systemTitle: Buffer.from('KFM12345'),
      invocationCounter,
      securityControl: 0x30,
    });
    // Tag, title with its length, length, security control and counter.
    begun.add(apdu[apdu.length - 12 - plain.length]!);
    const results = decoder.push(encodeMbusPush(apdu));
    expect(results.filter(isFault)).toEqual([]);
    expect(results).toHaveLength(1);
  }
  expect(begun.size).toBe(256);
});

test.each([
  [keys, true, []],
  [{ key: keys.key }, false, [expect.stringContaining('lenient'), expect.stringContaining('tag')]],
] as const)('a bare APDU is checked by its tag alone, with keys %#', (known, checked, warnings) => {
  const apdu = encodeCiphered(
    encodeAustrianPush(
      '2026-07-01T12:00:00+02:00',
      [{ obis: '1-0:1.8.0', value: 86_400_021, unit: 'Wh' }],
      '1KFM0200000009',
    ),
    { ...keys, systemTitle: Buffer.from('KFM12345'), invocationCounter: 1, securityControl: 0x30 },
  );
  const lenient = dlms.decoder({ standardOffsetMinutes: 60, lenient: true, ...known });
  expect(lenient.push(apdu)).toEqual([expect.objectContaining({ checked, warnings })]);
});
