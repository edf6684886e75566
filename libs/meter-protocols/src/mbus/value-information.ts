import { Buffer } from 'node:buffer';
import type { ByteReader } from './byte-reader.js';
import {
  alternateKinds,
  linearKinds,
  primaryKinds,
  reservedKind,
  type ValueKind,
} from './value-tables.js';

/** The value information block (EN 13757-3 §6.4): a kind, and what its extensions make of it. */
export interface ValueInformation extends ValueKind {
  /** What the extensions say, in words, in their order. */
  readonly remarks: readonly string[];
  /** Codes after VIFE FF, which only the manufacturer defines. */
  readonly manufacturerCodes: readonly number[];
}

/** §6.4.1: at most ten extensions. */
const extensionsMax = 10;
const extensionBit = 0x80;
const codeMask = 0x7f;
const plainText = 0x7c;
const alternateTable = 0x7b;
const linearTable = 0x7d;
const manufacturerCodesFollow = 0x7f;
/** Table 15, from 00 on, reports errors of the record. */
const noError = 0x00;

/** The block at the reader's place, or a sentence saying what is wrong with it. */
export function readValueInformation(reader: ByteReader): ValueInformation | string {
  if (reader.left === 0) return 'the record ends before its VIF';
  const vif = reader.byte();
  let more = (vif & extensionBit) !== 0;
  let kind: ValueKind;
  if ((vif & codeMask) === plainText) {
    const text = readText(reader);
    if (text === null) return 'the text of a unit is too long';
    kind = { quantity: text, exponent: 0, form: 'number' };
  } else if (more && tables[vif & codeMask] !== undefined) {
    if (reader.left === 0) return 'the record ends within its VIFEs';
    const code = reader.byte();
    more = (code & extensionBit) !== 0;
    kind = tables[vif & codeMask]![code & codeMask] ?? reservedKind;
  } else kind = primaryKinds[vif & codeMask] ?? reservedKind;
  const draft = new Draft(kind, (vif & codeMask) === manufacturerCodesFollow);
  for (let index = 0; more; index += 1) {
    if (index === extensionsMax) return `more than ${extensionsMax} VIFEs`;
    if (reader.left === 0) return 'the record ends within its VIFEs';
    const vife = reader.byte();
    draft.extend(vife & codeMask);
    more = (vife & extensionBit) !== 0;
  }
  return draft.finish();
}

const tables: Readonly<Record<number, readonly (ValueKind | undefined)[]>> = {
  [alternateTable]: alternateKinds,
  [linearTable]: linearKinds,
};

/** A unit in words stands in the block itself, its last character first. */
function readText(reader: ByteReader): string | null {
  if (reader.left === 0) return null;
  const text = reader.take(reader.byte());
  return text && Buffer.from(text).reverse().toString('latin1');
}

class Draft {
  private readonly remarks: string[] = [];
  private readonly manufacturerCodes: number[] = [];
  private exponent = 0;
  private isTime = false;
  /** VIFE FC: the next one stands in a table of its own. */
  private isCombined = false;

  constructor(
    private readonly kind: ValueKind,
    private isManufacturer: boolean,
  ) {}

  extend(code: number): void {
    if (this.isManufacturer) {
      this.manufacturerCodes.push(code);
      return;
    }
    if (this.isCombined) {
      this.isCombined = false;
      this.remarks.push(combinedExtensions[code - 1] ?? `VIFE FC ${hex(code)}`);
      return;
    }
    if (code === plainText) this.isCombined = true;
    else if (code === manufacturerCodesFollow) this.isManufacturer = true;
    else if (code === noError) return;
    else if (code >= 0x70 && code <= 0x77) this.exponent += code - 0x76;
    else if (code === 0x7d) this.exponent += 3;
    else {
      const { remark, isTime = false } = extensionOf(code);
      this.remarks.push(remark);
      this.isTime ||= isTime;
    }
  }

  finish(): ValueInformation {
    const { kind, remarks, manufacturerCodes } = this;
    if (this.isTime) {
      const { quantity } = kind;
      return { quantity, exponent: 0, form: 'date and time', remarks, manufacturerCodes };
    }
    return { ...kind, exponent: kind.exponent + this.exponent, remarks, manufacturerCodes };
  }
}

interface Extension {
  readonly remark: string;
  /** The value is not that of the VIF but a time that concerns it. */
  readonly isTime?: boolean;
}

const limitEdges = ['begin of', 'end of'] as const;
const order = ['first', 'last'] as const;
const limits = ['lower', 'upper'] as const;

/** Table 15, without what changes the exponent. */
const extensions: Readonly<Record<number, Extension>> = Object.fromEntries(
  Object.entries({
    0x01: 'too many DIFEs',
    0x02: 'storage not implemented',
    0x03: 'device not implemented',
    0x04: 'tariff not implemented',
    0x05: 'function not implemented',
    0x06: 'data class not implemented',
    0x07: 'data size not implemented',
    0x0b: 'too many VIFEs',
    0x0c: 'illegal VIF group',
    0x0d: 'illegal VIF exponent',
    0x0e: 'VIF and DIF do not fit',
    0x0f: 'action not implemented',
    0x15: 'no data',
    0x16: 'data overflow',
    0x17: 'data underflow',
    0x18: 'data error',
    0x1c: 'end of record too early',
    0x20: 'per second',
    0x21: 'per minute',
    0x22: 'per hour',
    0x23: 'per day',
    0x24: 'per week',
    0x25: 'per month',
    0x26: 'per year',
    0x27: 'per revolution',
    0x28: 'per pulse of input 0',
    0x29: 'per pulse of input 1',
    0x2a: 'per pulse of output 0',
    0x2b: 'per pulse of output 1',
    0x2c: 'per litre',
    0x2d: 'per m3',
    0x2e: 'per kg',
    0x2f: 'per K',
    0x30: 'per kWh',
    0x31: 'per GJ',
    0x32: 'per kW',
    0x33: 'per K l',
    0x34: 'per V',
    0x35: 'per A',
    0x36: 'times s',
    0x37: 'times s/V',
    0x38: 'times s/A',
    0x3a: 'uncorrected',
    0x3b: 'positive',
    0x3c: 'negative',
    0x40: 'lower limit',
    0x41: 'times below lower limit',
    0x48: 'upper limit',
    0x49: 'times above upper limit',
  }).map(([code, remark]) => [Number(code), { remark }]),
);

function extensionOf(code: number): Extension {
  const known = extensions[code];
  if (known) return known;
  const limit = limits[(code >> 3) & 1]!;
  if (code === 0x39) return { remark: 'start of', isTime: true };
  if ((code & 0x70) === 0x40 && (code & 0b010) !== 0) {
    const remark = `${limitEdges[code & 1]} ${order[(code >> 2) & 1]} time beyond ${limit} limit`;
    return { remark, isTime: true };
  }
  if ((code & 0x70) === 0x50) return { remark: `duration beyond ${limit} limit` };
  if ((code & 0x78) === 0x60) return { remark: `duration of ${order[(code >> 2) & 1]}` };
  if ((code & 0x7a) === 0x6a) {
    return { remark: `${limitEdges[code & 1]} ${order[(code >> 2) & 1]}`, isTime: true };
  }
  if ((code & 0x7c) === 0x78) return { remark: 'with a constant added' };
  return { remark: `VIFE ${hex(code)}` };
}

/** Table 16, from 01 on. */
const combinedExtensions: readonly string[] = [
  'L1',
  'L2',
  'L3',
  'N',
  'L1 to L2',
  'L2 to L3',
  'L3 to L1',
  'quadrant 1',
  'quadrant 2',
  'quadrant 3',
  'quadrant 4',
];

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0');
