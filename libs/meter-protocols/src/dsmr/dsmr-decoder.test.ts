import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { p1Telegram, uncheckedTelegram } from '../../test/p1-telegram.js';
import { DsmrDecoder, telegramBytesMax } from './dsmr-decoder.js';

const good = p1Telegram(['1-3:0.2.8(50)', '1-0:1.8.1(000001.234*kWh)']);
const old = uncheckedTelegram(['1-0:1.8.1(00001.234*kWh)']);

const decoder = (lenient = false): DsmrDecoder =>
  new DsmrDecoder({ standardOffsetMinutes: 60, lenient });
const decode = (bytes: Uint8Array, lenient = false): readonly (Telegram | Fault)[] =>
  decoder(lenient).push(bytes);
const codes = (results: readonly (Telegram | Fault)[]): readonly string[] =>
  results.map((result) => (isFault(result) ? result.fault : 'telegram'));
const changed = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');

describe('checksum', () => {
  test('a right one makes a checked telegram', () => {
    expect(decode(good)).toMatchObject([{ protocol: 'dsmr', checked: true, warnings: [] }]);
  });

  test('a wrong one is a fault that names both', () => {
    const [fault] = decode(changed(good, '1.234', '1.235'));
    expect(fault).toMatchObject({ fault: 'checksum', offset: 0 });
    expect((fault as Fault).detail).toMatch(
      /^checksum [0-9A-F]{4} computed, but .* "[0-9A-F]{4}"$/,
    );
  });

  test('a wrong one is taken with a warning where the options are lenient', () => {
    const [telegram] = decode(changed(good, '1.234', '1.235'), true);
    expect(telegram).toMatchObject({ checked: false });
    expect((telegram as Telegram).warnings[0]).toMatch(/^checksum/);
  });

  test('one that is no number is wrong, not absent', () => {
    expect(codes(decode(Buffer.from('/WBS5\\2T\r\n\r\n1-0:1.7.0(01.000*kW)\r\n!zz\r\n')))).toEqual([
      'checksum',
    ]);
  });

  test('lower case and missing leading zeros are as good', () => {
    let [seconds, bytes] = [0, good];
    // A telegram whose checksum begins with a zero and has a letter.
    while (!/!0[1-9A-F][0-9A-F]*[A-F]/.test(bytes.toString('latin1'))) {
      seconds += 1;
      bytes = p1Telegram(['1-3:0.2.8(50)', `1-0:1.8.1(${String(seconds).padStart(6, '0')}.0*kWh)`]);
    }
    const unpadded = Buffer.from(
      bytes.toString('latin1').replace(/!0(.*)/, (_, rest: string) => `!${rest.toLowerCase()}`),
    );
    expect(decode(unpadded)).toMatchObject([{ checked: true }]);
  });

  test('it is computed over CR LF, also where a bridge has left only LF', () => {
    expect(decode(Buffer.from(good.toString().replaceAll('\r', '')))).toMatchObject([
      { checked: true },
    ]);
  });

  test('a missing one is a fault from version 4 on, and none before', () => {
    const [fault] = decode(uncheckedTelegram(['1-3:0.2.8(42)', '1-0:1.8.1(000001.234*kWh)']));
    expect(fault).toMatchObject({ fault: 'checksum' });
    expect((fault as Fault).detail).toContain('version 4.2');
    expect(decode(old)).toMatchObject([{ checked: false, warnings: [] }]);
  });

  test('the Belgian version object asks for one as well', () => {
    expect(codes(decode(uncheckedTelegram(['0-0:96.1.4(50217)'])))).toEqual(['checksum']);
  });

  test('a telegram that has none and no readable line is malformed', () => {
    expect(codes(decode(uncheckedTelegram(['no data'])))).toEqual(['malformed']);
  });
});

describe('framing', () => {
  test('a telegram is complete with its checksum, before the line end', () => {
    const subject = decoder();
    expect(subject.push(good.subarray(0, -3))).toEqual([]);
    expect(subject.push(good.subarray(-3, -2))).toHaveLength(1);
    expect(subject.push(good.subarray(-2))).toEqual([]);
  });

  test('a bare "!" ends with whatever follows it', () => {
    const bare = old.subarray(0, -2);
    const subject = decoder();
    expect(subject.push(bare)).toEqual([]);
    expect(codes(subject.push(bare))).toEqual(['telegram']);
  });

  test('a "!" or a "/" inside a line ends nothing', () => {
    const odd = p1Telegram(['1-3:0.2.8(50)', '0-0:96.13.0(Hi! 1/2)'], 'WBS5\\2A!B/C');
    const [telegram] = decode(odd);
    expect(telegram).toMatchObject({ checked: true, meter: { model: 'A!B/C' } });
    expect((telegram as Telegram).registers[1]).toEqual({ obis: '0-0:96.13.0', value: 'Hi! 1/2' });
  });

  test('a telegram cut off by the next one is a fault, and the next one is taken', () => {
    expect(codes(decode(Buffer.concat([good.subarray(0, 30), good])))).toEqual([
      'truncated',
      'telegram',
    ]);
    expect(codes(decode(Buffer.concat([old.subarray(0, 30), old])))).toEqual([
      'truncated',
      'telegram',
    ]);
  });

  test('a cut identification does not swallow the next telegram', () => {
    expect(codes(decode(Buffer.concat([good.subarray(0, 5), good])))).toEqual([
      'truncated',
      'telegram',
    ]);
  });

  test('the second telegram of a stream has its offset in the stream', () => {
    const bad = changed(good, '1.234', '1.235');
    expect(decode(Buffer.concat([good, bad]))[1]).toMatchObject({ offset: good.length });
  });

  test('noise before a telegram is one fault with its place and size', () => {
    const noise = Buffer.from([0, 13, 10, 0x55, 0xff, 0x2f, 0x80, 0x2f, 0x41, 0x9c, 0x41]);
    const results = decode(Buffer.concat([noise, good]));
    expect(codes(results)).toEqual(['noise', 'telegram']);
    expect(results[0]).toMatchObject({ offset: 3, detail: expect.stringContaining('8 bytes') });
  });

  test('line ends and zeros between telegrams are no noise', () => {
    const pause = Buffer.from('\r\n\0 \r\n');
    expect(codes(decode(Buffer.concat([pause, good, pause, good])))).toEqual([
      'telegram',
      'telegram',
    ]);
  });

  test('a telegram without end is given up at the limit, and the next one is taken', () => {
    const endless = Buffer.concat([good.subarray(0, 30), Buffer.alloc(telegramBytesMax, 'A')]);
    const results = decode(Buffer.concat([endless, good]));
    expect(codes(results)).toEqual(['oversize', 'noise', 'telegram']);
  });

  test('the other of two telegrams survives when the limit falls between them', () => {
    const endless = Buffer.concat([good.subarray(0, 30), Buffer.alloc(telegramBytesMax - 40, 'A')]);
    expect(codes(decode(Buffer.concat([endless, good])))).toEqual(['oversize', 'telegram']);
  });
});

test('a frame that starts within a telegram ends it, in one piece and byte by byte', () => {
  const broken = Buffer.from('/\n0-0:6.1.1()\n\xdb\x08\n!\n', 'latin1');
  const subject = decoder();
  expect(codes(decode(broken))).toEqual(['truncated']);
  expect(codes([...broken].flatMap((byte) => subject.push(Uint8Array.of(byte))))).toEqual([
    'truncated',
  ]);
});
