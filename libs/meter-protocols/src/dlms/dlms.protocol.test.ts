import { describe, expect, test } from '@jest/globals';
import type { Fault, Telegram } from '@wattbus/energy-model';
import { isFault } from '@wattbus/energy-model';
import fc from 'fast-check';
import type { DecoderOptions } from '../meter-protocol.js';
import { encodeCiphered } from './ciphering.js';
import { dlms } from './dlms.protocol.js';
import {
  encodeAidonPush,
  encodeAustrianPush,
  encodeBlockPush,
  encodeCipheredMbusPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeMbusPush,
} from './encode.js';
import { concatenate } from './octets.js';

const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const authenticationKey = key.map((byte) => 0xd0 + byte);
const cipher = {
  systemTitle: new TextEncoder().encode('KFM12345'),
  invocationCounter: 7014,
  key,
  authenticationKey,
};
const options: DecoderOptions = { standardOffsetMinutes: 60, key, authenticationKey };

const aidon = encodeAidonPush(
  Array.from({ length: 30 }, (_, index) => ({
    obis: `1-0:${21 + index}.7.0`,
    value: index * 7,
    unit: 'W',
  })),
);
const kaifa = encodeKaifaPush({ at: '2024-05-06T07:08:09', powerW: 948 });
const austria = encodeAustrianPush(
  '2024-05-06T07:08:09+02:00',
  Array.from({ length: 12 }, (_, index) => ({
    obis: `1-0:${1 + index}.8.0`,
    value: index * 1001,
    unit: 'Wh',
  })),
  '181220000009',
);

/** Every way in which meters wrap an APDU. */
const pushes: readonly (readonly [string, Uint8Array])[] = [
  ['one HDLC frame', encodeHdlcPush(aidon)],
  ['a short HDLC frame', encodeHdlcPush(kaifa)],
  ['segmented HDLC frames', encodeHdlcPush(aidon, 120)],
  ['one M-Bus frame', encodeMbusPush(kaifa)],
  [
    'M-Bus frames, encrypted',
    encodeCipheredMbusPush(austria, { ...cipher, securityControl: 0x20 }),
  ],
  [
    'M-Bus frames with a wrapped length, encrypted and authenticated',
    encodeMbusPush(encodeCiphered(austria, { ...cipher, securityControl: 0x30 }), 252),
  ],
  [
    'HDLC frames with block transfer, encrypted and authenticated',
    encodeBlockPush(encodeCiphered(austria, { ...cipher, securityControl: 0x30 }), 119),
  ],
];

const decode = (...chunks: readonly Uint8Array[]) => {
  const decoder = dlms.decoder(options);
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
};
const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result) => !isFault(result));

describe.each(pushes)('%s', (_name, push) => {
  const [whole] = decode(push);

  test('is read whole, and again when it comes again', () => {
    expect(whole).toMatchObject({ protocol: 'dlms', checked: true, warnings: [] });
    expect(decode(push, push, push)).toEqual([whole, whole, whole]);
  });

  test('means the same byte by byte and in any chunks', () => {
    expect(decode(...Array.from(push, (byte) => Uint8Array.of(byte)))).toEqual([whole]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0, index = 0; at < push.length; index += 1) {
          const size = sizes[index % sizes.length]!;
          chunks.push(push.subarray(at, at + size));
          at += size;
        }
        expect(decode(...chunks)).toEqual([whole]);
      }),
      { numRuns: 50 },
    );
  });

  test('is found after garbage, and a fault says where the garbage was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (garbage) => {
        // Garbage may begin like a frame; on a line the next frames follow.
        const results = decode(garbage, ...Array.from({ length: 20 }, () => push));
        expectOnly(whole, results);
      }),
    );
    const quiet = new Uint8Array(50).fill(0x55);
    expect(decode(push, quiet, push)).toEqual([
      whole,
      expect.objectContaining({ fault: 'noise', offset: push.length }),
      whole,
    ]);
  });

  test('cut short it is no telegram, and the next ones are', () => {
    for (let length = 0; length < push.length - 1; length += 7) {
      expectOnly(whole, decode(push.subarray(0, length), push, push, push));
    }
  });

  test('with one bit flipped it gives nothing else, and the next one is read', () => {
    for (let bit = 0; bit < push.length * 8; bit += 1) {
      const damaged = push.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const results = decode(damaged, push, push);
      expectOnly(whole, results);
      // A closing flag may be any byte: the check sequences alone make a frame.
      if (telegramsOf(results).length < 3 && !results.some(isFault)) throw new Error(`bit ${bit}`);
    }
  });
});

/** Ends with the telegram and has no other one. Compares text: `toEqual` is slow in loops. */
function expectOnly(
  whole: Telegram | Fault | undefined,
  results: readonly (Telegram | Fault)[],
): void {
  const text = JSON.stringify(whole);
  const texts = telegramsOf(results).map((telegram) => JSON.stringify(telegram));
  if (texts.at(-1) !== text) expect(results.at(-1)).toEqual(whole);
  for (const other of texts) if (other !== text) expect(other).toBe(text);
}

describe('bare APDUs', () => {
  const bare: readonly (readonly [string, Uint8Array])[] = [
    ['a notification', aidon],
    ['a notification behind an LLC header', concatenate([Uint8Array.of(0xe6, 0xe7, 0), kaifa])],
    ['a ciphered APDU', encodeCiphered(austria, { ...cipher, securityControl: 0x30 })],
    [
      'a wrapper',
      concatenate([Uint8Array.of(0, 1, 0, 1, 0, 1, kaifa.length >> 8, kaifa.length), kaifa]),
    ],
  ];

  test.each(bare)('%s is read whole, byte by byte and again', (_name, apdu) => {
    const [whole] = decode(apdu);
    expect(whole).toMatchObject({ protocol: 'dlms' });
    expect(decode(...Array.from(apdu, (byte) => Uint8Array.of(byte)))).toEqual([whole]);
    expect(decode(apdu, apdu)).toEqual([whole, whole]);
    expect(decode(new Uint8Array(9).fill(0x55), apdu).at(-1)).toEqual(whole);
  });

  test('are unchecked unless a tag covers them', () => {
    expect(decode(aidon)).toEqual([expect.objectContaining({ checked: false })]);
    expect(decode(bare[2]![1])).toEqual([expect.objectContaining({ checked: true })]);
  });

  test('give way to a frame that comes while they wait for more', () => {
    const frame = encodeHdlcPush(kaifa);
    const [whole] = decode(frame);
    expect(decode(aidon.subarray(0, 100), frame).at(-1)).toEqual(whole);
  });
});

test('a missing segment is a fault, and the next telegram is whole', () => {
  const frames = encodeHdlcPush(aidon, 120);
  const first = frames.subarray(0, 120 + 12);
  const rest = frames.subarray(first.length);
  const second = rest.subarray(120 + 12);
  const [whole] = decode(frames);
  expect(decode(concatenate([first, second]), frames).at(-1)).toEqual(whole);
  const orphans = decode(second);
  expect(orphans.length).toBeGreaterThan(0);
  for (const orphan of orphans) expect(orphan).toMatchObject({ fault: 'truncated' });
  expect(decode(first, frames)).toEqual([expect.objectContaining({ fault: 'truncated' }), whole]);
});

test('segments without an end are given up as too long', () => {
  const frames = encodeHdlcPush(aidon, 120);
  const [first, second] = [frames.subarray(0, 132), frames.subarray(132, 264)];
  const results = decode(first, ...Array.from({ length: 200 }, () => second));
  expect(results).toContainEqual(expect.objectContaining({ fault: 'oversize' }));
});

test('faults name what is wrong', () => {
  const push = encodeCipheredMbusPush(austria, { ...cipher, securityControl: 0x30 });
  const faultWith = (changed: Partial<DecoderOptions>) =>
    dlms.decoder({ standardOffsetMinutes: 60, ...changed }).push(push)[0];
  expect(faultWith({})).toMatchObject({ fault: 'decryption', offset: 0 });
  expect(faultWith({ key: authenticationKey })).toMatchObject({ fault: 'decryption' });
  expect(faultWith({ key, authenticationKey: key })).toMatchObject({ fault: 'decryption' });
  expect(faultWith({ key })).toMatchObject({
    checked: true,
    warnings: [expect.stringContaining('no authentication key')],
  });
  const association = encodeHdlcPush(Uint8Array.of(0x61, 0x29, 0xa1));
  expect(decode(association)).toEqual([expect.objectContaining({ fault: 'unsupported' })]);
});

test('a wrong frame check sequence is taken only if asked for, and said', () => {
  const push = encodeHdlcPush(kaifa);
  push[push.length - 2]! ^= 0xff;
  expect(decode(push)).toEqual([expect.objectContaining({ fault: 'checksum', offset: 0 })]);
  const lenient = dlms.decoder({ ...options, lenient: true }).push(push);
  expect(lenient).toEqual([
    expect.objectContaining({ checked: false, warnings: [expect.stringContaining('lenient')] }),
  ]);
});

test('any bytes give results or nothing, and a bounded number of faults', () => {
  const interesting = fc.constantFrom(
    0x7e,
    0xa0,
    0xa8,
    0x68,
    0x0f,
    0xdb,
    0xe0,
    0xe6,
    0xe7,
    0,
    1,
    2,
  );
  const bytes = fc.array(fc.oneof(interesting, fc.integer({ min: 0, max: 255 })), {
    maxLength: 3000,
  });
  fc.assert(
    fc.property(bytes, (stream) => {
      const results = decode(Uint8Array.from(stream));
      expect(results.length).toBeLessThanOrEqual(stream.length);
      for (const result of results) expect(result.protocol).toBe('dlms');
    }),
    { numRuns: 500 },
  );
});

test('a megabyte of noise is reported without holding it', () => {
  const decoder = dlms.decoder(options);
  const noise = new Uint8Array(1024).fill(0x55);
  const results = Array.from({ length: 1024 }, () => decoder.push(noise)).flat();
  expect(results.length).toBeLessThanOrEqual(256);
  expect(results.every((result) => isFault(result) && result.fault === 'noise')).toBe(true);
  expect(telegramsOf([...decoder.push(encodeHdlcPush(kaifa))])).toHaveLength(1);
});
