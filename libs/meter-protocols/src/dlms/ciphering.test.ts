import { describe, expect, test } from '@jest/globals';
import type { CipheredApdu } from './ciphering.js';
import { decipher, encodeCiphered, readCiphered } from './ciphering.js';

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const key = fromHex('000102030405060708090A0B0C0D0E0F');
const authenticationKey = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
const systemTitle = fromHex('4D4D4D0000BC614E');
const plain = fromHex('C0010000080000010000FF0200');
const isPlain = (bytes: Uint8Array) => bytes[0] === 0xc0;

const parameters = { systemTitle, invocationCounter: 0x01234567, key, authenticationKey };

function read(bytes: Uint8Array): CipheredApdu {
  const apdu = readCiphered(bytes, 0, bytes.length);
  if (apdu.kind !== 'ciphered') throw new Error(apdu.kind);
  return apdu;
}

test('agrees with the example of the Green Book', () => {
  const ciphered = encodeCiphered(plain, { ...parameters, securityControl: 0x30 });
  expect(Buffer.from(ciphered).toString('hex')).toBe(
    'db084d4d4d0000bc614e1e3001234567411312ff935a47566827c467bc7d825c3be4a77c3fcc056b6b',
  );
});

describe.each([
  ['encrypted and authenticated', 0x30],
  ['encrypted only', 0x20],
  ['authenticated only', 0x10],
  ['encrypted only, suite 1', 0x21],
])('%s', (_name, securityControl) => {
  const apdu = read(encodeCiphered(plain, { ...parameters, securityControl }));
  const hasTag = (securityControl & 0x10) !== 0;

  test('becomes plain with the right keys, and is verified if there is a tag', () => {
    const result = decipher(apdu, { key, authenticationKey }, isPlain);
    expect(result).toMatchObject({ kind: 'plain', verified: hasTag });
    expect(result.kind === 'plain' && [...result.bytes]).toEqual([...plain]);
  });

  test('becomes plain without authentication key, unverified', () => {
    expect(decipher(apdu, { key }, isPlain)).toMatchObject({ kind: 'plain', verified: false });
  });
});

const sealed = read(encodeCiphered(plain, { ...parameters, securityControl: 0x30 }));

test.each([
  ['a missing key', {}, "set the meter's key"],
  ['a key of the wrong length', { key: key.subarray(1) }, 'has 15'],
  ['a wrong key', { key: authenticationKey }, 'the key is wrong'],
  ['a wrong authentication key', { key, authenticationKey: key }, 'wrong authentication key'],
])('%s is a fault that says so', (_name, keys, detail) => {
  expect(decipher(sealed, keys, isPlain)).toEqual({
    kind: 'fault',
    detail: expect.stringContaining(detail),
  });
});

test('one wrong bit of the content is found by the tag', () => {
  for (let at = 1; at < sealed.content.length; at += 1) {
    const content = sealed.content.slice();
    content[at]! ^= 0x04;
    const damaged = { ...sealed, content };
    expect(decipher(damaged, { key, authenticationKey }, isPlain)).toMatchObject({ kind: 'fault' });
  }
});

test('plain text in the place of ciphered text, as readers log it, is taken as it is', () => {
  const logged = { ...sealed, content: plain };
  expect(decipher(logged, {}, isPlain)).toMatchObject({ kind: 'plain', verified: false });
});

test('compressed and unknown suites are refused', () => {
  for (const securityControl of [0xa0, 0x23]) {
    const apdu = { ...sealed, securityControl };
    expect(decipher(apdu, { key }, isPlain)).toMatchObject({ kind: 'fault' });
  }
});

test('a general-ciphering APDU has more header, which is authenticated too', () => {
  // Transaction 01, titles, no time, no other information, key 0 identified.
  const bytes = Uint8Array.of(
    0xdd,
    1,
    1,
    8,
    ...systemTitle,
    0,
    0,
    0,
    1,
    0,
    0,
    6,
    0x20,
    0,
    0,
    0,
    9,
    7,
  );
  expect(read(bytes)).toMatchObject({ invocationCounter: 9, securityControl: 0x20 });
  expect([...read(bytes).header]).toEqual([1, 1, 8, ...systemTitle, 0, 0, 0]);
  expect(read(bytes).next).toBe(bytes.length);
});

test('cut short it asks for more; a title of another length is malformed', () => {
  const bytes = encodeCiphered(plain, { ...parameters, securityControl: 0x30 });
  for (let end = 1; end < bytes.length; end += 1) {
    expect(readCiphered(bytes, 0, end)).toEqual({ kind: 'incomplete' });
  }
  expect(readCiphered(fromHex('db04010203040620000000010f'), 0, 13)).toEqual({ kind: 'malformed' });
});
