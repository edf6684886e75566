import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { p1Telegram, uncheckedTelegram } from '../../test/p1-telegram.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { DsmrDecoder } from './dsmr-decoder.js';
import { encodeEncryptedDsmr } from './encode-encrypted.js';

const key = Buffer.alloc(16, 0x11);
const authenticationKey = Buffer.alloc(16, 0x22);
const publicKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const systemTitle = Buffer.from('WBS\x01\x02\x03\x04\x05', 'latin1');

const lines = ['1-3:0.2.8(50)', '1-0:1.8.0(000001234*Wh)'];
const telegram = p1Telegram(lines);
const withoutChecksum = uncheckedTelegram(lines);

function frameOf(plain: Uint8Array, authentication?: Uint8Array, counter = 1): Buffer {
  const description = { systemTitle, invocationCounter: counter, key };
  return Buffer.from(
    encodeEncryptedDsmr(
      plain,
      authentication ? { ...description, authenticationKey: authentication } : description,
    ),
  );
}

function decode(
  bytes: Uint8Array,
  options: Partial<DecoderOptions> = { key, authenticationKey },
): readonly (Telegram | Fault)[] {
  return new DsmrDecoder({ standardOffsetMinutes: 60, ...options }).push(bytes);
}

const codes = (results: readonly (Telegram | Fault)[]): readonly string[] =>
  results.map((result) => (isFault(result) ? result.fault : 'telegram'));
const detailOf = ([first]: readonly (Telegram | Fault)[]): string => (first as Fault).detail;

describe('keys', () => {
  test('the right ones give the telegram, which is checked', () => {
    expect(decode(frameOf(telegram, authenticationKey))).toEqual(decode(telegram));
  });

  test('a tag vouches for a telegram that has no checksum of its own', () => {
    expect(decode(frameOf(withoutChecksum, authenticationKey))).toMatchObject([{ checked: true }]);
    expect(codes(decode(frameOf(withoutChecksum)))).toEqual(['checksum']);
  });

  test('a tag outranks a wrong checksum, which is said', () => {
    const wrong = Buffer.from(
      telegram.toString('latin1').replace(/![0-9A-F]{4}/, '!0BAD'),
      'latin1',
    );
    expect(decode(frameOf(wrong, authenticationKey))).toMatchObject([
      { checked: true, warnings: [expect.stringContaining('telegram says "0BAD"')] },
    ]);
    expect(codes(decode(frameOf(wrong, authenticationKey), { key }))).toEqual(['checksum']);
    expect(codes(decode(frameOf(wrong)))).toEqual(['checksum']);
  });

  test('without an authentication key the public one is tried', () => {
    expect(decode(frameOf(withoutChecksum, publicKey), { key })).toMatchObject([{ checked: true }]);
  });

  test('without the authentication key the checksum of the telegram counts', () => {
    expect(decode(frameOf(telegram, authenticationKey), { key })).toMatchObject([
      { checked: true },
    ]);
    expect(codes(decode(frameOf(withoutChecksum, authenticationKey), { key }))).toEqual([
      'checksum',
    ]);
  });

  test.each([
    ['no key', {}, 'set the meter'],
    ['a key of another size', { key: key.subarray(1) }, '16 bytes'],
    ['a wrong key', { key: publicKey }, 'the key is wrong'],
    ['a wrong authentication key', { key, authenticationKey: publicKey }, 'authentication tag'],
  ])('%s is a fault that says so', (_name, options, detail) => {
    const results = decode(frameOf(telegram, authenticationKey), options);
    expect(codes(results)).toEqual(['decryption']);
    expect(detailOf(results)).toContain(detail);
  });

  test('a plain telegram between frames is taken as it is', () => {
    const stream = Buffer.concat([frameOf(telegram), telegram, frameOf(telegram)]);
    expect(codes(decode(stream))).toEqual(['telegram', 'telegram', 'telegram']);
  });

  test('a DLMS notification in the frame names its protocol', () => {
    const results = decode(frameOf(Buffer.from([0x0f, 0x00, 0x00, 0x00])));
    expect(results).toMatchObject([
      { fault: 'unsupported', detail: expect.stringContaining('dlms') },
    ]);
  });

  test('a decrypted text without end is malformed', () => {
    expect(codes(decode(frameOf(Buffer.from('/WBS5\r\n'))))).toEqual(['malformed']);
  });
});

describe('framing', () => {
  const first = frameOf(telegram, authenticationKey);
  const second = frameOf(telegram, authenticationKey, 2);

  test('a changed byte anywhere in the text is a fault, and the next frame is taken', () => {
    for (let index = 20; index < first.length; index += 7) {
      const broken = Buffer.from(first);
      broken[index]! ^= 0xff;
      expect(codes(decode(Buffer.concat([broken, second])))).toEqual(['decryption', 'telegram']);
    }
  });

  test('a header that is none is noise', () => {
    const broken = Buffer.from(first);
    broken[0] = 0;
    const results = decode(Buffer.concat([broken, second]));
    expect(codes(results)).toEqual(['noise', 'telegram']);
  });

  test('a length that became longer does not cost the next frame', () => {
    const broken = Buffer.from(first);
    for (const more of [40, 8192]) {
      broken.writeUInt16BE(first.readUInt16BE(11) + more, 11);
      expect(codes(decode(Buffer.concat([broken, second])))).toEqual(['truncated', 'telegram']);
    }
  });

  test('a stream that begins in a frame loses only that one', () => {
    for (let start = 1; start < first.length; start += 11) {
      const results = decode(Buffer.concat([first.subarray(start), second]));
      expect(codes(results).at(-1)).toBe('telegram');
    }
  });

  test('a plain telegram cut off by a frame is a fault, and the frame is taken', () => {
    const results = decode(Buffer.concat([telegram.subarray(0, 30), first]));
    expect(codes(results)).toEqual(['truncated', 'telegram']);
  });

  test('a length that no frame has is no frame', () => {
    for (const length of [0, 4, 16, 0xffff]) {
      const broken = Buffer.from(first);
      broken.writeUInt16BE(length, 11);
      expect(codes(decode(Buffer.concat([broken, second]))).at(-1)).toBe('telegram');
    }
  });
});

test('the encoder refuses a system title of another size', () => {
  const description = { systemTitle: key, invocationCounter: 1, key };
  expect(() => encodeEncryptedDsmr(telegram, description)).toThrow(RangeError);
});
