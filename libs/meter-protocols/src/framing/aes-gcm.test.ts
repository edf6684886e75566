import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { bodyOf, clearBody, isTagRight, readSecured, secure, tagBytes } from './aes-gcm.js';

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const systemTitle = fromHex('4D4D4D0000BC614E');
const key = fromHex('000102030405060708090A0B0C0D0E0F');
const authenticationKey = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
const plain = fromHex('C0010000080000010000FF0200');
const securing = { systemTitle, invocationCounter: 0x01234567, key, authenticationKey };
const reversed = key.slice().reverse();

test.each([
  // Green Book §9.2.7, the example of a ciphered get-request.
  ['authenticated', 0x10, 'C0010000080000010000FF020006725D910F9221D263877516'],
  ['encrypted', 0x20, '411312FF935A47566827C467BC'],
  ['both', 0x30, '411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B'],
])('%s, it agrees with the Green Book', (_name, securityControl, content) => {
  const service = secure(plain, { ...securing, securityControl });
  const header = securityControl.toString(16) + '01234567';
  expect(Buffer.from(service).toString('hex')).toBe((header + content).toLowerCase());
});

describe.each([
  ['AES-128', key],
  ['AES-256', Uint8Array.from([...key, ...authenticationKey])],
])('%s', (_name, ownKey) => {
  test('any body comes back, and a tag holds for its keys and its bits only', () => {
    const body = fc.uint8Array({ maxLength: 300 });
    const control = fc.constantFrom(0x10, 0x20, 0x30);
    fc.assert(
      fc.property(body, control, fc.nat(), (text, securityControl, bit) => {
        const service = secure(text, { ...securing, key: ownKey, securityControl });
        const secured = readSecured(systemTitle, service);
        expect(secured).toMatchObject({ securityControl, invocationCounter: 0x01234567 });
        expect([...clearBody(secured, ownKey)]).toEqual([...text]);
        if (securityControl === 0x20) return;
        expect(bodyOf(secured)).toHaveLength(text.length);
        expect(isTagRight(secured, ownKey, authenticationKey)).toBe(true);
        expect(isTagRight(secured, ownKey, reversed)).toBe(false);
        const content = secured.content.slice();
        content[bit % content.length]! ^= 1 << (bit % 8);
        expect(isTagRight({ ...secured, content }, ownKey, authenticationKey)).toBe(false);
      }),
    );
  });
});

test('the header of general-ciphering is authenticated, too', () => {
  const secured = readSecured(systemTitle, secure(plain, { ...securing, securityControl: 0x30 }));
  const header = Uint8Array.of(1, 2, 3);
  expect(isTagRight({ ...secured, header }, key, authenticationKey)).toBe(false);
});

test('content shorter than its tag has no body', () => {
  const secured = readSecured(systemTitle, fromHex('300000000101020304'));
  expect(bodyOf(secured)).toHaveLength(0);
  expect(secured.content.length).toBeLessThan(tagBytes);
});
