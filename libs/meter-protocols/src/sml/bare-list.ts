import { messageTag, type Message, type MessageReader } from './message-reader.js';
import { escape, startBytes } from './transport.js';

/** Lists of household meters stay below 1 KiB; a bound keeps garbage from being walked for long. */
export const bareListBytesMax = 2048;

const message = 0x76;
const unsigned8 = 0x62;
const bodyOfTwo = 0x72;
/** The tag of SML_GetList.Res as Unsigned16 and as Unsigned32. */
const listTags = [
  [0x63, messageTag.listResponse >> 8, messageTag.listResponse & 0xff],
  [0x65, 0, 0, messageTag.listResponse >> 8, messageTag.listResponse & 0xff],
];
const transactionBytesMax = 14;

/** `message` with its place, or, if there is none (yet), the bytes before `start` are of no use. */
export interface BareList {
  readonly start: number;
  readonly end: number;
  readonly message: Message | null;
}

/**
 * Looks for lists of values that stand outside of a frame: tools strip the transport, and a lost
 * byte in a start sequence need not cost the reading. Only a message with its own right CRC counts;
 * CRC-16/KERMIT, which a single wrong bit can forge, does not.
 */
export class BareListFinder {
  private readonly reader: MessageReader;
  /** Takes messages whose CRC is wrong, too. */
  private readonly lenient: boolean;

  constructor(reader: MessageReader, lenient: boolean) {
    this.reader = reader;
    this.lenient = lenient;
  }

  /** Before `end` there is no start sequence, but perhaps the beginning of one. */
  find(bytes: Uint8Array, end: number): BareList {
    const open = end === bytes.length;
    let at = bytes.indexOf(message);
    while (at >= 0 && at < end) {
      const likeness = looksLikeList(bytes, at, end);
      const last = Math.min(end, at + bareListBytesMax);
      const found = likeness === 'list' ? this.read(bytes, at, last) : null;
      if (found) return { start: at, end: this.reader.at, message: found };
      const short =
        likeness === 'short' ||
        (likeness === 'list' && this.reader.state === 'short' && last === end);
      if (short && open) return { start: at, end: at, message: null };
      at = bytes.indexOf(message, at + 1);
    }
    const start = open ? end - beginningOfStart(bytes) : end;
    return { start, end: start, message: null };
  }

  private read(bytes: Uint8Array, at: number, end: number): Message | null {
    this.reader.open(bytes, at, end);
    const found = this.reader.read();
    if (!found?.content || this.reader.state !== 'whole') return null;
    return this.lenient || this.reader.checksumOf(found) === 'x25' ? found : null;
  }
}

/** How many of the last bytes may be the beginning of a start sequence. */
function beginningOfStart(bytes: Uint8Array): number {
  const { length } = bytes;
  let count = 0;
  while (count < startBytes - 1 && count < length && isStartByte(bytes[length - 1 - count]!)) {
    count += 1;
  }
  return count;
}

const isStartByte = (byte: number): boolean => byte === escape || byte === 0x01;

/** `76`, transaction id, two Unsigned8, `72` and the tag of a list. */
function looksLikeList(bytes: Uint8Array, at: number, end: number): 'list' | 'short' | 'other' {
  if (at + 1 >= end) return 'short';
  const idBytes = bytes[at + 1]!;
  if (idBytes < 1 || idBytes > transactionBytesMax + 1) return 'other';
  const expected = [unsigned8, -1, unsigned8, -1, bodyOfTwo];
  const body = at + 1 + idBytes;
  for (const [index, byte] of expected.entries()) {
    if (body + index >= end) return 'short';
    if (byte >= 0 && bytes[body + index] !== byte) return 'other';
  }
  const tagAt = body + expected.length;
  for (const tag of listTags) {
    const differs = tag.findIndex((byte, index) => bytes[tagAt + index] !== byte);
    if (tagAt + tag.length <= end && differs < 0) return 'list';
    if (tagAt + tag.length > end && (differs < 0 || tagAt + differs >= end)) return 'short';
  }
  return 'other';
}
