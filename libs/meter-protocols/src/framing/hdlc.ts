import { crc16X25 } from './crc16.js';

/**
 * HDLC frame format type 3 (ISO/IEC 13239, IEC 62056-46 §6.4), as meters push it: no octet
 * stuffing, so flag bytes may stand anywhere and only the length and the check sequences count.
 *
 * `7E | format, 2 bytes | destination, 1–4 | source, 1–4 | control | HCS, 2 | information | FCS, 2 | 7E`
 */
export interface HdlcFrame {
  readonly kind: 'frame';
  readonly control: number;
  /** More segments of the same information follow. */
  readonly segmented: boolean;
  /** The information field; empty where both are equal. */
  readonly start: number;
  readonly end: number;
  /** The closing flag, which may also open the next frame. */
  readonly next: number;
  /** False only in lenient mode, for a frame whose FCS is wrong. */
  readonly checked: boolean;
}

export type HdlcScan =
  | HdlcFrame
  | { readonly kind: 'incomplete' }
  /** `none`: no frame begins here; then HCS wrong; then HCS right and FCS wrong. */
  | { readonly kind: 'none' }
  | { readonly kind: 'header-check' }
  | { readonly kind: 'frame-check' };

export const hdlcFlag = 0x7e;
/** The length field has 11 bits and does not count the two flags. */
export const hdlcFrameBytesMax = 0x7ff + 2;

const formatMask = 0xf000;
const formatType3 = 0xa000;
const segmentationBit = 0x0800;
const lengthMask = 0x07ff;
/** Format, two one-byte addresses, control, FCS. */
const lengthMin = 7;
const addressBytesMax = 4;
const incomplete: HdlcScan = { kind: 'incomplete' };
const none: HdlcScan = { kind: 'none' };

/** Reads the frame whose opening flag stands at index `at`. */
export function readHdlcFrame(bytes: Uint8Array, at: number, lenient = false): HdlcScan {
  if (bytes.length < at + 3) return incomplete;
  const format = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const length = format & lengthMask;
  if ((format & formatMask) !== formatType3 || length < lengthMin) return none;
  const end = at + 1 + length;

  const headerEnd = hdlcHeaderEnd(bytes, at + 1);
  if (headerEnd === 'incomplete') return incomplete;
  if (headerEnd === 'malformed' || headerEnd + 2 > end) return none;
  const hasInformation = headerEnd + 2 < end;
  if (hasInformation) {
    if (bytes.length < headerEnd + 2) return incomplete;
    if (!checkSequenceHolds(bytes, at + 1, headerEnd)) return { kind: 'header-check' };
  }
  if (bytes.length < end) return incomplete;
  const checked = checkSequenceHolds(bytes, at + 1, end - 2);
  if (!checked && !(lenient && hasInformation)) return { kind: 'frame-check' };
  return {
    kind: 'frame',
    control: bytes[headerEnd - 1]!,
    segmented: (format & segmentationBit) !== 0,
    start: hasInformation ? headerEnd + 2 : end - 2,
    end: end - 2,
    next: end,
    checked,
  };
}

/** Whether a whole header with a right HCS begins at `at` (the format field) and ends at `end`. */
export function isHdlcHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if ((bytes[at]! & 0xf0) !== formatType3 >> 8) return false;
  const headerEnd = hdlcHeaderEnd(bytes, at);
  return (
    typeof headerEnd === 'number' &&
    headerEnd + 2 === end &&
    checkSequenceHolds(bytes, at, headerEnd)
  );
}

/** The index after the control field, for a header whose format field stands at `at`. */
function hdlcHeaderEnd(bytes: Uint8Array, at: number): number | 'incomplete' | 'malformed' {
  let index = at + 2;
  for (let address = 0; address < 2; address += 1) {
    const first = index;
    // IEC 62056-46 §6.4.2.2: the last byte of an address has its lowest bit set.
    do {
      if (index >= bytes.length) return 'incomplete';
      if (index - first >= addressBytesMax) return 'malformed';
      index += 1;
    } while ((bytes[index - 1]! & 1) === 0);
  }
  return index >= bytes.length ? 'incomplete' : index + 1;
}

function checkSequenceHolds(bytes: Uint8Array, start: number, end: number): boolean {
  return crc16X25(bytes, start, end) === (bytes[end]! | (bytes[end + 1]! << 8));
}

export interface HdlcHeader {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly control: number;
  readonly segmented?: boolean;
}

/** One frame with both flags. Throws where the information does not fit the length field. */
export function encodeHdlcFrame(header: HdlcHeader, information: Uint8Array): Uint8Array {
  const { destination, source, control } = header;
  const headerLength = 2 + destination.length + source.length + 1;
  const length = headerLength + (information.length > 0 ? 2 + information.length : 0) + 2;
  if (length > lengthMask) throw new RangeError(`${length} bytes do not fit an HDLC frame`);
  const format = formatType3 | (header.segmented ? segmentationBit : 0) | length;
  const frame = new Uint8Array(length + 2);
  frame.set([hdlcFlag, format >> 8, format & 0xff, ...destination, ...source, control]);
  if (information.length > 0) {
    putCheckSequence(frame, 1 + headerLength);
    frame.set(information, 3 + headerLength);
  }
  putCheckSequence(frame, length - 1);
  frame[length + 1] = hdlcFlag;
  return frame;
}

function putCheckSequence(frame: Uint8Array, at: number): void {
  const check = crc16X25(frame, 1, at);
  frame[at] = check & 0xff;
  frame[at + 1] = check >> 8;
}
