/**
 * The long frame of wired M-Bus (EN 13757-2 §5.5, from IEC 60870-5 FT 1.2):
 *
 * `68 | L | L | 68 | C | A | CI | data | checksum | 16`, L counts C to data.
 */
export interface LongFrame {
  readonly kind: 'frame';
  readonly control: number;
  readonly address: number;
  readonly controlInformation: number;
  readonly start: number;
  readonly end: number;
  /** The byte after the stop byte. */
  readonly next: number;
}

export type LongFrameScan =
  | LongFrame
  | { readonly kind: 'incomplete' }
  /** `none`: no frame begins here; `check`: begun like one but checksum or stop byte is wrong. */
  | { readonly kind: 'none' }
  | { readonly kind: 'check' };

export const longFrameStart = 0x68;
const frameStop = 0x16;
/** Start bytes and lengths before C, checksum and stop after the data. */
const overheadBytes = 6;
const headerBytes = 3;
/**
 * Sagemcom meters in Austria fill a frame with 257 bytes and let the length byte wrap to 01. No
 * real frame is this short: C, A and CI are three bytes.
 */
const wrappedLengthMax = headerBytes - 1;
const incomplete: LongFrameScan = { kind: 'incomplete' };
const none: LongFrameScan = { kind: 'none' };

/** Reads the long frame whose first byte stands at index `at`. */
export function readLongFrame(bytes: Uint8Array, at: number): LongFrameScan {
  const stated = bytes[at + 1];
  if (stated === undefined) return incomplete;
  if (bytes[at + 2] !== undefined && bytes[at + 2] !== stated) return none;
  if (bytes[at + 3] === undefined) return incomplete;
  if (bytes[at + 3] !== longFrameStart) return none;
  const length = stated <= wrappedLengthMax ? stated + 0x100 : stated;
  const next = at + length + overheadBytes;
  if (bytes.length < next) return incomplete;
  const dataEnd = next - 2;
  if (bytes[next - 1] !== frameStop || sum(bytes, at + 4, dataEnd) !== bytes[dataEnd]) {
    return { kind: 'check' };
  }
  return {
    kind: 'frame',
    control: bytes[at + 4]!,
    address: bytes[at + 5]!,
    controlInformation: bytes[at + 6]!,
    start: at + 4 + headerBytes,
    end: dataEnd,
    next,
  };
}

function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  for (let index = start; index < end; index += 1) total += bytes[index]!;
  return total & 0xff;
}

export interface LongFrameHeader {
  readonly control: number;
  readonly address: number;
  readonly controlInformation: number;
}

/** Throws where the data do not fit; 253 to 255 bytes wrap the length byte as Sagemcom does. */
export function encodeLongFrame(header: LongFrameHeader, data: Uint8Array): Uint8Array {
  const length = headerBytes + data.length;
  if (length > 0x100 + wrappedLengthMax) {
    throw new RangeError(`${data.length} bytes do not fit an M-Bus frame`);
  }
  const frame = new Uint8Array(length + overheadBytes);
  const stated = length & 0xff;
  frame.set([longFrameStart, stated, stated, longFrameStart]);
  frame.set([header.control, header.address, header.controlInformation], 4);
  frame.set(data, 4 + headerBytes);
  frame[length + 4] = sum(frame, 4, length + 4);
  frame[length + 5] = frameStop;
  return frame;
}
