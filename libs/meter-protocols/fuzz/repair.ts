import { Buffer } from 'node:buffer';
import { encodeEncryptedDsmr } from '../src/index.js';
import { encodeCiphered } from '../src/dlms/ciphering.js';
import { encodeBlockPush, encodeHdlcPush, encodeMbusPush } from '../src/dlms/encode.js';
import { crc16Arc, crc16Kermit, crc16Modbus, crc16X25 } from '../src/framing/crc16.js';
import { encodeLongFrame } from '../src/framing/wired-mbus-frame.js';
import { encodeFrame } from '../src/sml/encode.js';
import type { Random } from './random.js';

/** Makes the checksums of a changed input right, so that it is read behind them. */
export type Repair = (input: Uint8Array, random: Random) => Uint8Array;

const keys = { key: Buffer.alloc(16, 0x11), authenticationKey: Buffer.alloc(16, 0x22) };
const ciphering = { ...keys, systemTitle: Buffer.from('WBSTITLE'), invocationCounter: 7 };
const payloadBytesMax = 1500;
const smlEnvelopeBytes = 8;
const longFrameDataMax = 252;

export const repairs: Readonly<Record<string, readonly Repair[]>> = {
  dsmr: [repairP1, repairP1, encryptP1],
  sml: [repairSml],
  'iec62056-21': [repairBlockCheck],
  tic: [repairGroups],
  modbus: [repairModbus],
  mbus: [repairLongFrame],
  dlms: [repairHdlc, repairLongFrame, wrapApdu],
};

/** From the last `/` to the `!` behind it: four digits of CRC-16/ARC. */
function repairP1(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input);
  const start = bytes.lastIndexOf('/');
  const end = bytes.indexOf('!', Math.max(0, start));
  if (start < 0 || end < 0) return input;
  const check = crc16Arc(bytes, start, end + 1)
    .toString(16)
    .toUpperCase()
    .padStart(4, '0');
  return Buffer.concat([bytes.subarray(0, end + 1), Buffer.from(`${check}\r\n`)]);
}

/** With a tag or without one. */
function encryptP1(input: Uint8Array, random: Random): Uint8Array {
  const { authenticationKey, ...untagged } = ciphering;
  const plain = repairP1(input.slice(0, payloadBytesMax));
  return encodeEncryptedDsmr(
    plain,
    random.below(2) === 0 ? { ...untagged, authenticationKey } : untagged,
  );
}

/** Every message's CRC, which stands as `63 hi lo 00` behind it, and then the frame's. */
function repairSml(input: Uint8Array, random: Random): Uint8Array {
  const end = Buffer.from(input).lastIndexOf(Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 0x1a));
  const body = Buffer.from(input.slice(smlEnvelopeBytes, end < 0 ? undefined : end));
  const crc = random.below(4) === 0 ? 'kermit' : 'x25';
  for (let start = 0, at = 0; at + 3 < body.length; at += 1) {
    const next = body[at + 4];
    if (body[at] !== 0x63 || body[at + 3] !== 0 || (next !== 0x76 && next !== undefined)) continue;
    if (crc === 'kermit') body.writeUInt16BE(crc16Kermit(body, start, at), at + 1);
    else body.writeUInt16LE(crc16X25(body, start, at), at + 1);
    start = at + 4;
  }
  return encodeFrame(body, crc);
}

/** STX … ETX, and the exclusive or of what is between; with parity bits or without. */
function repairBlockCheck(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input);
  const start = bytes.findIndex((byte) => (byte & 0x7f) === 0x02);
  const end = bytes.findIndex((byte, index) => index > start && (byte & 0x7f) === 0x03);
  if (start < 0 || end < 0 || end + 1 >= bytes.length) return input;
  bytes[end + 1] = bytes.subarray(start + 1, end + 1).reduce((sum, byte) => sum ^ byte, 0) & 0x7f;
  return bytes;
}

/** `LF label … checksum CR`: six bits of a sum, with the last separator or without. */
function repairGroups(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input);
  for (let start = bytes.indexOf('\n'); start >= 0; start = bytes.indexOf('\n', start + 1)) {
    const end = bytes.indexOf('\r', start);
    if (end - start < 4) continue;
    const covered = bytes.subarray(start + 1, bytes[end - 2] === 0x09 ? end - 1 : end - 2);
    bytes[end - 1] = (covered.reduce((sum, byte) => sum + byte, 0) & 0x3f) + 0x20;
  }
  return bytes;
}

const requestBytes = 8;
/** A request of eight bytes and a reply behind it. */
function repairModbus(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input);
  const [request, reply] = [bytes.subarray(0, requestBytes), bytes.subarray(requestBytes)];
  if (reply.length > 5) reply[2] = reply.length - 5;
  for (const part of [request, reply]) {
    if (part.length < 4) continue;
    part.writeUInt16LE(crc16Modbus(part, 0, part.length - 2), part.length - 2);
  }
  return bytes;
}

function repairLongFrame(input: Uint8Array): Uint8Array {
  if (input.length < 9) return input;
  const [control, address, controlInformation] = input.subarray(4, 7) as unknown as number[];
  const header = {
    control: control!,
    address: address!,
    controlInformation: controlInformation!,
  };
  return encodeLongFrame(header, input.slice(7, Math.min(input.length - 2, 7 + longFrameDataMax)));
}

const informationStart = 11;
/** The information of the first frame in frames of its own. */
function repairHdlc(input: Uint8Array, random: Random): Uint8Array {
  return encodeHdlcPush(
    input.slice(informationStart, Math.max(informationStart + 1, input.length - 3)),
    random.pick([40, 200, 1200]),
  );
}

/** The input as the APDU in one of the envelopes of the field. */
function wrapApdu(input: Uint8Array, random: Random): Uint8Array {
  const bytes = Buffer.from(input.slice(0, payloadBytesMax));
  const tag = bytes.indexOf(0x0f);
  const plain = Uint8Array.from(tag > 0 && tag < 40 ? bytes.subarray(tag) : bytes);
  const control = random.pick([0x30, 0x20]);
  const ciphered = encodeCiphered(plain, { ...ciphering, securityControl: control });
  return random.pick([
    () => encodeHdlcPush(plain),
    () => encodeHdlcPush(ciphered, 100),
    () => encodeMbusPush(ciphered, 100),
    () => encodeMbusPush(plain, 100),
    () => encodeBlockPush(ciphered, 50),
    () => plain,
  ])();
}
