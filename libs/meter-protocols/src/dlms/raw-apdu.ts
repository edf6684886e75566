import { isHdlcHeader } from '../framing/hdlc.js';
import { isNotification, readNotification } from './apdu.js';
import { isCiphered, readCiphered } from './ciphering.js';
import { blockTransferTag } from './reassembly.js';

/**
 * APDUs without a frame, as network adapters and debug output give them: bare, behind the LLC
 * header E6 E6 00 or E6 E7 00 (IEC 62056-46 §5.3), or in the wrapper of IEC 62056-47.
 */
export type RawScan =
  | { readonly kind: 'apdu'; readonly start: number; readonly end: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'none' };

const none: RawScan = { kind: 'none' };
const incomplete: RawScan = { kind: 'incomplete' };

const llcSource = 0xe6;
const llcDestinations: ReadonlySet<number | undefined> = new Set([0xe6, 0xe7]);
export const llcBytes = 3;

/** Whether the three bytes of the LLC header stand at `at`. */
export const isLlcHeader = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === llcSource && llcDestinations.has(bytes[at + 1]) && bytes[at + 2] === 0;

/** Beyond this an APDU without a frame is taken for chance. */
export const rawApduBytesMax = 2048;

/** Whether the tag is one of those that meters push. */
export const isPushedApdu = (tag: number | undefined): boolean =>
  isNotification(tag) || isCiphered(tag) || tag === blockTransferTag;

/** First bytes at which it is worth to look. */
export const mayBeginRawApdu = (byte: number): boolean =>
  byte === llcSource || byte === 0 || isNotification(byte) || isCiphered(byte);

/**
 * Reads the APDU at `at`, with its LLC or wrapper header. Where none is expected, a bare one has
 * to show more than its tag.
 */
export function readRawApdu(bytes: Uint8Array, at: number, isExpected: boolean): RawScan {
  if (bytes[at] === 0) return readWrapped(bytes, at);
  if (bytes[at] !== llcSource) {
    return isExpected || isDistinct(bytes, at) ? readBare(bytes, at) : none;
  }
  if (bytes.length < at + llcBytes + 1) return incomplete;
  return isLlcHeader(bytes, at) ? readBare(bytes, at + llcBytes) : none;
}

/** A system title that begins with letters, or a date-time with a group after it. */
function isDistinct(bytes: Uint8Array, at: number): boolean {
  if (isCiphered(bytes[at])) {
    const letters = bytes.subarray(at + 2, at + 5);
    // What has not come yet may still be right.
    return (
      (bytes[at + 1] ?? 8) === 8 && letters.every((letter) => letter >= 0x41 && letter <= 0x5a)
    );
  }
  const length = bytes[at + 5];
  const groupAt = at + (length === 0 ? 6 : length === 9 ? 19 : 18);
  return bytes[groupAt] === undefined || bytes[groupAt] === 1 || bytes[groupAt] === 2;
}

const wrapperBytes = 8;
const wrapperVersion = 1;

/** Version, source, destination, length: two bytes each. */
function readWrapped(bytes: Uint8Array, at: number): RawScan {
  if (bytes[at + 1] !== undefined && bytes[at + 1] !== wrapperVersion) return none;
  if (bytes.length < at + wrapperBytes + 1) return incomplete;
  const start = at + wrapperBytes;
  const end = start + ((bytes[at + 6]! << 8) | bytes[at + 7]!);
  if (end - start > rawApduBytesMax || !isPushedApdu(bytes[start])) return none;
  return bytes.length < end ? incomplete : { kind: 'apdu', start, end };
}

function readBare(bytes: Uint8Array, start: number): RawScan {
  const end = Math.min(bytes.length, start + rawApduBytesMax);
  const read = isCiphered(bytes[start])
    ? readCiphered(bytes, start, end)
    : isNotification(bytes[start])
      ? readNotification(bytes, start, end, false)
      : null;
  if (read === null || read.kind === 'malformed') return none;
  const isWhole = read.kind === 'ciphered' || (read.kind === 'notification' && !read.isUndecided);
  if (isWhole) return { kind: 'apdu', start, end: read.next };
  return bytes.length - start < rawApduBytesMax ? incomplete : none;
}

/** How far before an APDU the header of its frame may begin. */
const lookBackBytes = 24;

/**
 * Whether bytes before `at` look like the header of a frame. Inside a damaged frame stands a
 * readable APDU too; taking it would pass over the checksum.
 */
export function isInsideFrame(bytes: Uint8Array, at: number): boolean {
  for (let index = at - 1; index >= Math.max(0, at - lookBackBytes); index -= 1) {
    const byte = bytes[index]!;
    // One damaged bit in the flag or in the format still leaves the other one.
    if (byte === 0x7e && formatsNearHdlc.has(bytes[index + 1]! >> 4)) return true;
    if (isHdlcHeader(bytes, index, at) || isHdlcHeader(bytes, index, at - llcBytes)) return true;
    if (byte === 0x68 && (at - index === 6 || at - index === 9)) return true;
  }
  return false;
}

/**
 * Whether what follows an APDU is the end of a frame, whose beginning was lost: FCS and flag of
 * HDLC, checksum and stop byte of M-Bus.
 */
export function readFrameEnd(bytes: Uint8Array, at: number): 'frame' | 'incomplete' | 'none' {
  if (bytes[at + 1] === 0x16 || bytes[at + 2] === 0x7e) return 'frame';
  return bytes.length === at || bytes.length > at + 2 ? 'none' : 'incomplete';
}

/** A, the format type of HDLC, and what one damaged bit makes of it. */
const formatsNearHdlc: ReadonlySet<number> = new Set([0xa, 0x2, 0xe, 0x8, 0xb]);
