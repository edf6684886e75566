import type { ByteReader } from './byte-reader.js';

/** What a value is among others of its kind (EN 13757-3 §6.3.2): the data information block. */
export interface DataInformation {
  readonly coding: Coding;
  readonly valueFunction: ValueFunction;
  readonly storage: number;
  readonly tariff: number;
  /** Part of the meter, such as a pulse input. */
  readonly device: number;
}

export type ValueFunction = 'instantaneous' | 'maximum' | 'minimum' | 'during error';

/** How the data that follow are written, and how many bytes they take. */
export type Coding =
  | { readonly kind: 'none' }
  | { readonly kind: 'integer' | 'bcd' | 'float'; readonly bytes: number }
  | { readonly kind: 'variable' };

/** DIF 0F and 1F end the records, 2F fills up. */
export type SpecialRecord = 'manufacturer data' | 'more records follow' | 'filler';

/** §6.3.2: at most ten extensions. */
const extensionsMax = 10;
const extensionBit = 0x80;
const valueFunctions: readonly ValueFunction[] = [
  'instantaneous',
  'maximum',
  'minimum',
  'during error',
];
const specials: Readonly<Record<number, SpecialRecord>> = {
  0x0f: 'manufacturer data',
  0x1f: 'more records follow',
  0x2f: 'filler',
};

const integer = (bytes: number): Coding => ({ kind: 'integer', bytes });
const bcd = (bytes: number): Coding => ({ kind: 'bcd', bytes });
const none: Coding = { kind: 'none' };

/** By the low four bits of the DIF; 8 selects for readout and 15 is special. */
const codings: readonly Coding[] = [
  none,
  integer(1),
  integer(2),
  integer(3),
  integer(4),
  { kind: 'float', bytes: 4 },
  integer(6),
  integer(8),
  none,
  bcd(1),
  bcd(2),
  bcd(3),
  bcd(4),
  { kind: 'variable' },
  bcd(6),
  none,
];

/** The block at the reader's place, or a sentence saying what is wrong with it. */
export function readDataInformation(reader: ByteReader): DataInformation | SpecialRecord | string {
  const dif = reader.byte();
  if ((dif & 0x0f) === 0x0f) return specials[dif] ?? `DIF ${hex(dif)} is reserved`;
  let storage = (dif >> 6) & 1;
  let tariff = 0;
  let device = 0;
  let more = (dif & extensionBit) !== 0;
  for (let index = 0; more; index += 1) {
    if (index === extensionsMax) return `more than ${extensionsMax} DIFEs`;
    if (reader.left === 0) return 'the record ends within its DIFEs';
    const dife = reader.byte();
    storage += (dife & 0x0f) * 2 ** (1 + 4 * index);
    tariff += ((dife >> 4) & 0b11) * 2 ** (2 * index);
    device += ((dife >> 6) & 1) * 2 ** index;
    more = (dife & extensionBit) !== 0;
  }
  return {
    coding: codings[dif & 0x0f]!,
    valueFunction: valueFunctions[(dif >> 4) & 0b11]!,
    storage,
    tariff,
    device,
  };
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
