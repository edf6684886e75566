/**
 * COSEM data as they are sent (IEC 62056-6-2 §4.1.5).
 *
 * A telegram becomes a tree of `DataItem`. Strings and times are ranges of the telegram's bytes,
 * so reading copies nothing.
 */
export interface DataItem {
  readonly tag: number;
  /** Integers, floats, enumerations and booleans; NaN for everything else. */
  readonly number: number;
  /** The octets of strings and times, and of the OBIS code of an attribute descriptor. */
  readonly start: number;
  readonly end: number;
  /** Members of arrays and structures. */
  readonly items: readonly DataItem[];
}

export const dataTag = {
  /** Not a tag on the wire: `attributeDescriptor` below. */
  attributeDescriptor: -1,
  nullData: 0,
  array: 1,
  structure: 2,
  boolean: 3,
  bitString: 4,
  doubleLong: 5,
  doubleLongUnsigned: 6,
  octetString: 9,
  visibleString: 10,
  utf8String: 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  longUnsigned: 18,
  compactArray: 19,
  long64: 20,
  long64Unsigned: 21,
  enumeration: 22,
  float32: 23,
  float64: 24,
  dateTime: 25,
  date: 26,
  time: 27,
  deltaInteger: 28,
  deltaLong: 29,
  deltaDoubleLong: 30,
  deltaUnsigned: 31,
  deltaLongUnsigned: 32,
  deltaDoubleLongUnsigned: 33,
  dontCare: 255,
} as const;

export type NumberReader = (view: DataView, at: number) => number;

const finite = (value: number) => (Number.isFinite(value) ? value : NaN);

/** Bytes after the tag, and how they make a number. */
const fixedNumbers = new Map<number, readonly [bytes: number, read: NumberReader]>([
  [dataTag.boolean, [1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)]],
  [dataTag.doubleLong, [4, (view, at) => view.getInt32(at)]],
  [dataTag.doubleLongUnsigned, [4, (view, at) => view.getUint32(at)]],
  [dataTag.bcd, [1, (view, at) => (view.getUint8(at) >> 4) * 10 + (view.getUint8(at) & 0x0f)]],
  [dataTag.integer, [1, (view, at) => view.getInt8(at)]],
  [dataTag.long, [2, (view, at) => view.getInt16(at)]],
  [dataTag.unsigned, [1, (view, at) => view.getUint8(at)]],
  [dataTag.longUnsigned, [2, (view, at) => view.getUint16(at)]],
  [dataTag.long64, [8, (view, at) => view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)]],
  [
    dataTag.long64Unsigned,
    [8, (view, at) => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)],
  ],
  [dataTag.enumeration, [1, (view, at) => view.getUint8(at)]],
  // Seven digits are what 24 bits carry: 230.1 stays 230.1 and not 230.10000610351562.
  [dataTag.float32, [4, (view, at) => finite(Number(view.getFloat32(at).toPrecision(7)))]],
  [dataTag.float64, [8, (view, at) => finite(view.getFloat64(at))]],
  [dataTag.deltaInteger, [1, (view, at) => view.getInt8(at)]],
  [dataTag.deltaLong, [2, (view, at) => view.getInt16(at)]],
  [dataTag.deltaDoubleLong, [4, (view, at) => view.getInt32(at)]],
  [dataTag.deltaUnsigned, [1, (view, at) => view.getUint8(at)]],
  [dataTag.deltaLongUnsigned, [2, (view, at) => view.getUint16(at)]],
  [dataTag.deltaDoubleLongUnsigned, [4, (view, at) => view.getUint32(at)]],
]);
export const fixedByTag = Array.from({ length: 256 }, (_, tag) => fixedNumbers.get(tag));

export const fixedOctets = new Map<number, number>([
  [dataTag.dateTime, 12],
  [dataTag.date, 5],
  [dataTag.time, 4],
]);
