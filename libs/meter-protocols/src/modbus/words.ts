import { shortestFloat32 } from '../framing/float32.js';
import { wordsOf, type MapRegister } from './register-map.js';

/** What is needed to read a value from its words. */
export type WordForm = Pick<MapRegister, 'type' | 'wordOrder' | 'scale'>;

const wordBytes = 2;
/** The words of one value, put in order. */
const reordered = new DataView(new ArrayBuffer(8));

/**
 * The value at a byte of a reply's data, scaled. Null where the meter has none: no number, or the
 * largest and smallest ones of a type, with which meters fill what they cannot measure.
 */
export function readWords(data: DataView, at: number, form: WordForm): number | null {
  let raw: number | null;
  if (form.wordOrder === 'high-first') raw = rawNumber(data, at, form);
  else {
    const last = at + (wordsOf(form) - 1) * wordBytes;
    for (let from = last, to = 0; from >= at; from -= wordBytes, to += wordBytes) {
      reordered.setUint16(to, data.getUint16(from));
    }
    raw = rawNumber(reordered, 0, form);
  }
  return raw === null || !Number.isFinite(raw) ? null : scaled(raw, form.scale);
}

/** The words of a value; the way back of `readWords`. */
export function writeWords(value: number, form: WordForm): Uint8Array {
  const bytes = new Uint8Array(wordsOf(form) * wordBytes);
  const view = new DataView(bytes.buffer);
  const raw = value / form.scale;
  switch (form.type) {
    case 'float32':
      view.setFloat32(0, raw);
      break;
    case 'float64':
      view.setFloat64(0, raw);
      break;
    case 'int16':
    case 'uint16':
      view.setUint16(0, Math.round(raw));
      break;
    case 'int32':
    case 'uint32':
      view.setUint32(0, Math.round(raw));
      break;
    case 'int64':
    case 'uint64':
      view.setBigInt64(0, BigInt(Math.round(raw)));
  }
  return ordered(bytes, form);
}

/** Bytes are always big-endian within a word (Modbus application protocol, §4.2). */
function ordered(bytes: Uint8Array, { wordOrder }: WordForm): Uint8Array {
  if (wordOrder === 'high-first') return bytes;
  const swapped = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += wordBytes) {
    swapped.set(bytes.subarray(at, at + wordBytes), bytes.length - wordBytes - at);
  }
  return swapped;
}

function rawNumber(view: DataView, at: number, { type }: WordForm): number | null {
  switch (type) {
    case 'float32':
      return shortestFloat32(view.getFloat32(at));
    case 'float64':
      return view.getFloat64(at);
    case 'uint16':
      return present(view.getUint16(at), [0xffff]);
    case 'int16':
      return present(view.getInt16(at), [0x7fff, -0x8000]);
    case 'uint32':
      return present(view.getUint32(at), [0xffffffff]);
    case 'int32':
      return present(view.getInt32(at), [0x7fffffff, -0x80000000]);
    case 'uint64':
      return present(Number(view.getBigUint64(at)), [2 ** 64]);
    case 'int64':
      return present(Number(view.getBigInt64(at)), [2 ** 63, -(2 ** 63)]);
  }
}

const present = (raw: number, absent: readonly number[]): number | null =>
  absent.includes(raw) ? null : raw;

/** Tenths and thousandths by division, since 0.1 is no exact number. */
function scaled(raw: number, scale: number): number {
  const divisor = 1 / scale;
  const value = Math.abs(scale) < 1 && Number.isInteger(divisor) ? raw / divisor : raw * scale;
  // A negative scale makes a negative zero of zero.
  return value === 0 ? 0 : value;
}
