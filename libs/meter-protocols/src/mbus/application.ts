import type { Fault, Telegram } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';
import type { LongFrame } from '../framing/wired-mbus-frame.js';
import { fixedBytes, readFixed } from './fixed-structure.js';
import { fixedMedia, mediumNames } from './media.js';
import { obisOf } from './obis.js';
import { readRecords } from './record.js';

/** What one frame of a meter says. */
export interface Answer {
  readonly telegram: Telegram;
  readonly medium: number;
  readonly moreFollow: boolean;
}

export type Refusal = Pick<Fault, 'fault' | 'detail'>;

/** Control information (EN 13757-3 §5.1, table 1). */
const errorInformation = 0x70;
const alarmInformation = 0x71;
/** Long header and fixed structure; with this bit the high byte comes first. */
const longHeader = 0x72;
const fixedStructure = 0x73;
const msbFirstBit = 0x04;
const noHeader = 0x78;
const shortHeader = 0x7a;

/** Length of identification, maker, version, medium, access, status and signature. */
const longHeaderBytes = 12;
const shortHeaderBytes = 4;

/** What the meter says in an error frame (§9, table 19). */
const errors: readonly string[] = [
  'Unspecified error',
  'Unimplemented CI-Field',
  'Buffer too long, truncated',
  'Too many records',
  'Premature end of record',
  'More than 10 DIFE´s',
  'More than 10 VIFE´s',
  'Reserved',
  'Application busy',
  'Too many readouts',
];

/** Reads what stands in a frame, whose checksum was right, after its CI byte. */
export function readApplication(bytes: Uint8Array, frame: LongFrame): Answer | Refusal {
  const content = bytes.subarray(frame.start, frame.end);
  const information = frame.controlInformation;
  if (information === errorInformation) {
    const error = errors[content[0] ?? 0] ?? `code ${content[0]}`;
    return refuse('unsupported', `meter ${frame.address} reports an error: ${error}`);
  }
  if (information === alarmInformation) {
    return refuse('unsupported', `meter ${frame.address} reports an alarm: ${content[0] ?? 0}`);
  }
  if (information === shortHeader) return readShort(content);
  if (information === noHeader) return readBody({ ...nameless, records: content });
  const msbFirst = (information & msbFirstBit) !== 0;
  const kind = msbFirst ? information - msbFirstBit : information;
  if (kind === longHeader) return readLong(content, msbFirst);
  if (kind === fixedStructure) return readFixedStructure(content, msbFirst);
  return refuse('unsupported', `frames with CI ${hex(information)} are not read`);
}

function readLong(content: Uint8Array, msbFirst: boolean): Answer | Refusal {
  if (content.length < longHeaderBytes) return refuse('malformed', 'the header is too short');
  const field = (start: number, end: number): Buffer => {
    const bytes = Buffer.from(content.subarray(start, end));
    return msbFirst ? bytes : bytes.reverse();
  };
  const version = content[6]!;
  const medium = content[7]!;
  const meter: Telegram['meter'] = {
    id: field(0, 4).toString('hex').toUpperCase(),
    manufacturer: manufacturerOf(field(4, 6).readUInt16BE(0)),
    model: `${mediumName(medium)}, version ${version}`,
  };
  const status = content[9]!;
  const signature = field(10, 12).readUInt16BE(0);
  const records = content.subarray(longHeaderBytes);
  return readBody({ meter, medium, status, signature, records, msbFirst });
}

/** The meter is named by the link layer alone, which a selected or a lone one answers as 0. */
const nameless = { meter: {}, medium: 0, status: 0, signature: 0, msbFirst: false } as const;

function readShort(content: Uint8Array): Answer | Refusal {
  if (content.length < shortHeaderBytes) return refuse('malformed', 'the header is too short');
  const signature = content[2]! | (content[3]! << 8);
  const records = content.subarray(shortHeaderBytes);
  return readBody({ ...nameless, status: content[1]!, signature, records });
}

interface Body {
  readonly meter: Telegram['meter'];
  readonly medium: number;
  readonly status: number;
  readonly signature: number;
  readonly records: Uint8Array;
  readonly msbFirst: boolean;
}

function readBody(body: Body): Answer | Refusal {
  const { meter, medium, status, records, msbFirst } = body;
  if (isEncrypted(body)) {
    return refuse('decryption', 'the records are encrypted, which wired meters seldom are');
  }
  const read = readRecords(records, { medium, msbFirst });
  if (typeof read === 'string') return refuse('malformed', read);
  const { registers, moreFollow } = read;
  return answer({ meter, registers, warnings: statusWarnings(status) }, medium, moreFollow);
}

/** Annex: AES-128 in the modes 5 and 7; deciphered data begin with two filler bytes. */
function isEncrypted({ signature, records }: Body): boolean {
  const mode = (signature >> 8) & 0x1f;
  if (mode !== 5 && mode !== 7) return false;
  return records.length > 0 && !(records[0] === 0x2f && records[1] === 0x2f);
}

function readFixedStructure(content: Uint8Array, msbFirst: boolean): Answer | Refusal {
  if (content.length !== fixedBytes) return refuse('malformed', 'the structure is not 16 bytes');
  if (msbFirst) return refuse('unsupported', 'fixed structures with CI 77 are not read');
  const medium = fixedMedia[((content[6]! >> 6) & 0b11) | ((content[7]! >> 4) & 0b1100)]!;
  const id = Buffer.from(content.subarray(0, 4)).reverse().toString('hex').toUpperCase();
  const now = { valueFunction: 'instantaneous', storage: 0, tariff: 0, device: 0 } as const;
  const registers = readFixed(content, (quantity) =>
    obisOf(
      medium,
      { ...now, coding: { kind: 'none' } },
      { quantity, exponent: 0, form: 'number', remarks: [], manufacturerCodes: [] },
    ),
  );
  const meter = { id, model: mediumName(medium) };
  // The two highest bits say how the counters are written.
  const warnings = statusWarnings(content[5]! & 0x3f);
  return answer({ meter, registers, warnings }, medium, false);
}

/** The host's clock times a meter that was asked; few meters keep daylight saving right. */
function answer(
  content: Pick<Telegram, 'meter' | 'registers' | 'warnings'>,
  medium: number,
  moreFollow: boolean,
): Answer {
  const telegram = { protocol: 'mbus', ...content, at: null, checked: true };
  return { telegram, medium, moreFollow };
}

/** Three letters of five bits each (IEC 62056-21, registered by DLMS UA). */
function manufacturerOf(code: number): string {
  const letters = [10, 5, 0].map((shift) => ((code >> shift) & 0x1f) + 0x40);
  return String.fromCharCode(...letters);
}

/** Table 8; the bits above are the manufacturer's own. */
const applicationStates = ['', 'the meter is busy', 'the meter had an application error', ''];
const statusBits: readonly (readonly [number, string])[] = [
  [0x04, 'the battery of the meter is low'],
  [0x08, 'the meter reports a permanent error'],
  [0x10, 'the meter reports a temporary error'],
];

function statusWarnings(status: number): readonly string[] {
  const state = applicationStates[status & 0b11]!;
  const stated = statusBits.filter(([bit]) => (status & bit) !== 0).map(([, text]) => text);
  return state === '' ? stated : [state, ...stated];
}

const mediumName = (medium: number): string => mediumNames[medium] ?? `medium ${hex(medium)}`;

const refuse = (fault: Fault['fault'], detail: string): Refusal => ({ fault, detail });

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
