import { crc16Arc, crc16Kermit, crc16X25 } from '@wattbus/meter-protocols';

/** A checksum in a recording: what it covers, where it stands, and how it is made of that. */
interface Check {
  readonly at: number;
  readonly bytesOf: (all: Uint8Array) => Uint8Array;
}

type Finder = (bytes: Uint8Array) => Generator<Check>;

/**
 * The changed bytes with every checksum of the protocol mended that was right before the change;
 * nested ones from the inside to the outside. Both have the same length.
 */
export function mendChecksums(protocol: string, before: Uint8Array, after: Uint8Array): Uint8Array {
  const mended = Uint8Array.from(after);
  for (const find of finders[protocol] ?? []) {
    for (const { at, bytesOf } of find(before)) {
      const stated = bytesOf(before);
      const isRight = stated.every((byte, index) => before[at + index] === byte);
      if (isRight) mended.set(bytesOf(mended), at);
    }
  }
  return mended;
}

const [startOfText, endOfText, lineFeed, carriageReturn] = [0x02, 0x03, 0x0a, 0x0d];

const twoBytes = (value: number, order: 'little' | 'big'): Uint8Array =>
  order === 'little'
    ? Uint8Array.of(value & 0xff, value >> 8)
    : Uint8Array.of(value >> 8, value & 0xff);

/** Groups of TIC: the sum of six bits, with the separator before it in standard mode only. */
function* ticGroups(bytes: Uint8Array): Generator<Check> {
  for (
    let start = bytes.indexOf(lineFeed);
    start >= 0;
    start = bytes.indexOf(lineFeed, start + 1)
  ) {
    const end = bytes.indexOf(carriageReturn, start);
    const at = end - 1;
    if (end < 0 || at - start < 4 || at - start > 256) continue;
    for (const last of [at - 1, at]) {
      yield {
        at,
        bytesOf: (all) => {
          const sum = all.subarray(start + 1, last).reduce((total, byte) => total + byte, 0);
          return Uint8Array.of((sum & 0x3f) + 0x20);
        },
      };
    }
  }
}

/** Messages of SML: `63`, CRC, end of message; the CRC covers the message up to the `63`. */
const smlStart = Buffer.from('1b1b1b1b01010101', 'hex');
const smlEnd = Buffer.from('1b1b1b1b1a', 'hex');
const smlTrailerBytes = 3;

function* smlFrames(bytes: Uint8Array): Generator<readonly [start: number, end: number]> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Some tools record only what is between the start and the end.
  if (!all.includes(smlStart)) yield [-smlStart.length, bytes.length];
  for (let start = all.indexOf(smlStart); start >= 0;) {
    const end = all.indexOf(smlEnd, start + smlStart.length);
    if (end < 0) return;
    yield [start, end];
    start = all.indexOf(smlStart, end);
  }
}

const crcs = [
  { crc: crc16X25, order: 'little' },
  { crc: crc16Kermit, order: 'big' },
] as const;

function* smlMessages(bytes: Uint8Array): Generator<Check> {
  for (const [start, end] of smlFrames(bytes)) {
    let message = start + smlStart.length;
    for (let at = message; at < end - 3; at += 1) {
      if (bytes[at] !== 0x63 || bytes[at + 3] !== 0) continue;
      const from = message;
      const found = crcs.find(({ crc, order }) => {
        const stated = twoBytes(crc(bytes, from, at), order);
        return stated[0] === bytes[at + 1] && stated[1] === bytes[at + 2];
      });
      if (!found) continue;
      const { crc, order } = found;
      yield { at: at + 1, bytesOf: (all) => twoBytes(crc(all, from, at), order) };
      message = at + 4;
    }
  }
}

function* smlTransport(bytes: Uint8Array): Generator<Check> {
  for (const [start, end] of smlFrames(bytes)) {
    const at = end + smlEnd.length + 1;
    if (start < 0 || at + smlTrailerBytes - 1 > bytes.length) return;
    for (const { crc, order } of crcs) {
      yield { at, bytesOf: (all) => twoBytes(crc(all, start, at), order) };
    }
  }
}

/** HDLC frames of type 3: eleven bits of length, then the frame check sequence at the end. */
function* hdlcFrames(bytes: Uint8Array): Generator<Check> {
  for (let flag = bytes.indexOf(0x7e); flag >= 0; flag = bytes.indexOf(0x7e, flag + 1)) {
    const format = ((bytes[flag + 1] ?? 0) << 8) | (bytes[flag + 2] ?? 0);
    const end = flag + 1 + (format & 0x7ff);
    if (format >> 12 !== 0xa || end > bytes.length) continue;
    const start = flag + 1;
    const at = end - 2;
    yield { at, bytesOf: (all) => twoBytes(crc16X25(all, start, at), 'little') };
  }
}

/** Long frames of M-Bus: `68 L L 68`, L bytes, their sum, `16`. */
function* longFrames(bytes: Uint8Array): Generator<Check> {
  for (let start = bytes.indexOf(0x68); start >= 0; start = bytes.indexOf(0x68, start + 1)) {
    const length = bytes[start + 1]!;
    const from = start + 4;
    const at = from + length;
    if (bytes[start + 2] !== length || bytes[start + 3] !== 0x68 || bytes[at + 1] !== 0x16)
      continue;
    const sum = (all: Uint8Array): number =>
      all.subarray(from, at).reduce((total, byte) => (total + byte) & 0xff, 0);
    yield { at, bytesOf: (all) => Uint8Array.of(sum(all)) };
  }
}

/** The block check of IEC 62056-21: XOR from behind STX up to ETX. */
function* blockChecks(bytes: Uint8Array): Generator<Check> {
  for (let start = bytes.indexOf(startOfText); start >= 0;) {
    const end = bytes.indexOf(endOfText, start);
    if (end < 0 || end + 1 >= bytes.length) return;
    const from = start + 1;
    yield {
      at: end + 1,
      bytesOf: (all) =>
        Uint8Array.of(all.subarray(from, end + 1).reduce((check, byte) => check ^ byte, 0)),
    };
    start = bytes.indexOf(startOfText, end);
  }
}

/** P1: four hexadecimal digits behind the `!`, over CR LF even where only LF was recorded. */
function* p1Telegrams(bytes: Uint8Array): Generator<Check> {
  const text = Buffer.from(bytes).toString('latin1');
  for (const { index } of text.matchAll(/(?<=\n)!(?=[0-9A-Fa-f]{4})/g)) {
    const start = text.lastIndexOf('\n/', index) + 1;
    const at = index + 1;
    const isUpper = !/[a-f]/.test(text.slice(at, at + 4));
    yield {
      at,
      bytesOf: (all) => {
        const crc = crc16Arc(withCarriageReturns(all.subarray(start, at)));
        const digits = crc.toString(16).padStart(4, '0');
        return Buffer.from(isUpper ? digits.toUpperCase() : digits, 'latin1');
      },
    };
  }
}

const withCarriageReturns = (bytes: Uint8Array): Uint8Array =>
  bytes.includes(carriageReturn)
    ? bytes
    : Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');

const finders: Readonly<Record<string, readonly Finder[]>> = {
  dsmr: [p1Telegrams],
  dlms: [hdlcFrames, longFrames],
  'iec62056-21': [blockChecks],
  mbus: [longFrames],
  sml: [smlMessages, smlTransport],
  tic: [ticGroups],
};
