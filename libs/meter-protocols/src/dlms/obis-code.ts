import type { Quantity } from './obis-meaning.js';
import { meaningOf } from './obis-meaning.js';

/** An OBIS code with what it says about its value. */
export interface ObisCode {
  /** `A-B:C.D.E`, with `*F` if F is not 255. */
  readonly text: string;
  /** The value belongs to an earlier billing period. */
  readonly isHistory: boolean;
  /** The meter's clock. */
  readonly isClock: boolean;
  /** Abstract data: names, states, versions. */
  readonly isName: boolean;
  /** Of electricity: the sums of P (`active`) and Q (`reactive`) are told apart. */
  readonly quantity: Quantity;
  readonly sum: 'active' | 'reactive' | null;
  /** Where the list states no unit. */
  readonly unit: string | undefined;
}

const codesMax = 1024;
const codes = new Map<number, ObisCode>();
const electricity = 1;
const noHistory = 0xff;

/** The code of six octets. Telegrams repeat the same codes, so each is made once; bounded. */
export function obisCodeAt(bytes: Uint8Array, at: number): ObisCode {
  const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
  const key = high * 0x1000000 + low;
  let code = codes.get(key);
  if (code === undefined) {
    code = makeCode(bytes.subarray(at, at + 6));
    if (codes.size >= codesMax) codes.clear();
    codes.set(key, code);
  }
  return code;
}

function makeCode([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: Uint8Array): ObisCode {
  const meaning = meaningOf(c, d);
  const isElectricity = a === electricity;
  const isSum = isElectricity && d === 7 && e === 0;
  return {
    text: `${a}-${b}:${c}.${d}.${e}${f === noHistory ? '' : `*${f}`}`,
    isHistory: f !== noHistory,
    isClock: a === 0 && c === 1 && d === 0 && e === 0 && f === noHistory,
    isName: c === 96 || c === 42 || c === 0,
    quantity: isElectricity ? meaning.quantity : 'unknown',
    sum:
      isSum && (c === 1 || c === 2) ? 'active' : isSum && (c === 3 || c === 4) ? 'reactive' : null,
    unit: isElectricity ? meaning.unit : undefined,
  };
}

/** The code of `A-B:C.D.E`; null for a text that is none. */
export function obisCodeOf(text: string): ObisCode | null {
  const groups = text.match(/\d+/g)?.map(Number);
  return groups?.length === 5 ? makeCode(Uint8Array.of(...groups, noHistory)) : null;
}
