import type { Register } from '@wattbus/energy-model';
import { ByteReader } from './byte-reader.js';
import { hexText, readField } from './data-field.js';
import { readDataInformation, type DataInformation } from './data-information.js';
import { obisOf } from './obis.js';
import { readValueInformation, type ValueInformation } from './value-information.js';

export interface RecordContext {
  readonly medium: number;
  /** Mode 2 of the application layer: the most significant byte comes first. */
  readonly msbFirst: boolean;
}

export interface Records {
  readonly registers: readonly Register[];
  /** DIF 1F: another telegram holds the rest. */
  readonly moreFollow: boolean;
}

/** Reads records up to the end of the bytes, or says in a sentence what is wrong with them. */
export function readRecords(bytes: Uint8Array, context: RecordContext): Records | string {
  const reader = new ByteReader(bytes);
  const registers: Register[] = [];
  while (reader.left > 0) {
    const information = readDataInformation(reader);
    if (information === 'filler') continue;
    if (information === 'manufacturer data' || information === 'more records follow') {
      const moreFollow = information === 'more records follow';
      const label = moreFollow ? 'More records follow' : 'Manufacturer specific';
      registers.push({ label, value: hexText(reader.rest()) });
      return { registers, moreFollow };
    }
    if (typeof information === 'string') return information;
    const kind = readValueInformation(reader);
    if (typeof kind === 'string') return kind;
    const field = readField(reader, information.coding, { kind, msbFirst: context.msbFirst });
    if (field === null) return 'the record ends within its data';
    const register = registerOf(information, kind, context.medium);
    registers.push({ ...register, value: field.value ?? '' });
  }
  return { registers, moreFollow: false };
}

function registerOf(
  information: DataInformation,
  kind: ValueInformation,
  medium: number,
): Omit<Register, 'value'> {
  const obis = obisOf(medium, information, kind);
  const unit = kind.form === 'number' ? kind.unit : undefined;
  return {
    ...(obis === null ? {} : { obis }),
    label: labelOf(information, kind),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** `Volume flow, maximum, storage 5, tariff 1, device 2`: what is usual is left out. */
function labelOf(
  { valueFunction, storage, tariff, device }: DataInformation,
  { quantity, remarks, manufacturerCodes }: ValueInformation,
): string {
  const codes = manufacturerCodes.map((code) => code.toString(16).toUpperCase().padStart(2, '0'));
  return [
    quantity,
    ...remarks,
    ...(codes.length > 0 ? [`code ${codes.join(' ')}`] : []),
    ...(valueFunction === 'instantaneous' ? [] : [valueFunction]),
    ...(storage === 0 ? [] : [`storage ${storage}`]),
    ...(tariff === 0 ? [] : [`tariff ${tariff}`]),
    ...(device === 0 ? [] : [`device ${device}`]),
  ].join(', ');
}
