import { parseObis, quantityNames, type QuantityName } from '@wattbus/energy-model';
import { z } from 'zod';

/** How a value is written in words of 16 bits. */
export const wordTypes = [
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
] as const;
export type WordType = (typeof wordTypes)[number];

/** Reads holding registers (3) or input registers (4). */
export type ReadFunction = 3 | 4;

/** Where a meter keeps what, made from a file of `config/modbus` or of the user's own. */
export interface RegisterMap {
  /** As configured. */
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  /** Where the addresses come from. */
  readonly source: string;
  /** Words that one request may ask for. */
  readonly wordsMax: number;
  /** So many words that are no registers may lie inside a request; some meters refuse any. */
  readonly gapMax: number;
  readonly registers: readonly MapRegister[];
  /** Where a meter of this map says who it is; empty where it does not. */
  readonly identification: readonly MapIdentification[];
}

/** Words that hold the code of a model, or a text with one of these parts. */
export interface MapIdentification {
  readonly function: ReadFunction;
  readonly address: number;
  readonly words: number;
  readonly codes: readonly number[];
  readonly texts: readonly string[];
}

export interface MapRegister {
  /** For people; where a quantity is given, readings take that instead. */
  readonly name: string;
  readonly function: ReadFunction;
  /** As it stands in a request: counted from 0. */
  readonly address: number;
  readonly type: WordType;
  readonly wordOrder: 'high-first' | 'low-first';
  /** The value is the raw number times this, in `unit`. */
  readonly scale: number;
  readonly unit?: string;
  readonly obis?: string;
  readonly quantity?: QuantityName;
}

const registersMax = 200;
const identificationsMax = 4;
const identificationWordsMax = 32;
const codesMax = 20;
const addressMax = 0xffff;
/** Modbus application protocol 1.1b3, §6.3 and §6.4. */
export const requestWordsMax = 125;

const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be small letters, digits and "-"');
const text = z.string().min(1).max(200);
const readFunction = z.union([z.literal(3), z.literal(4)]);
const type = z.enum(wordTypes);
const wordOrder = z.enum(['high-first', 'low-first']);

const FileRegister = z
  .strictObject({
    name: text,
    address: z.int().min(0).max(addressMax),
    function: readFunction.optional(),
    type: type.optional(),
    wordOrder: wordOrder.optional(),
    scale: z.number().optional(),
    unit: text.optional(),
    obis: z
      .string()
      .refine((code) => parseObis(code) !== null, 'is no OBIS code')
      .optional(),
    quantity: z.enum(quantityNames as [QuantityName, ...QuantityName[]]).optional(),
  })
  .refine((one) => one.obis === undefined || one.quantity === undefined, {
    message: 'has an OBIS code or a quantity, not both',
  });

const FileIdentification = z
  .strictObject({
    address: z.int().min(0).max(addressMax),
    function: readFunction.default(3),
    words: z.int().min(1).max(identificationWordsMax).default(1),
    codes: z.array(z.int().min(1).max(0xffff)).max(codesMax).default([]),
    texts: z.array(z.string().min(3).max(40)).max(codesMax).default([]),
  })
  .refine(({ codes, texts }) => (codes.length === 0) !== (texts.length === 0), {
    message: 'has codes or texts, not both',
  });

/** The file: what all registers share stands once at its top. */
export const RegisterMapFile = z.strictObject({
  name: Name,
  manufacturer: text,
  model: text,
  source: text,
  wordsMax: z.int().min(1).max(requestWordsMax).default(requestWordsMax),
  gapMax: z.int().min(0).max(requestWordsMax).default(0),
  function: readFunction.default(3),
  type: type.default('uint16'),
  wordOrder: wordOrder.default('high-first'),
  identification: z.array(FileIdentification).max(identificationsMax).default([]),
  registers: z.array(FileRegister).min(1).max(registersMax),
});

/** The content of a register map's file, already parsed: the map, or all that is wrong with it. */
export function parseRegisterMap(content: unknown): RegisterMap | readonly string[] {
  const parsed = RegisterMapFile.safeParse(content);
  if (!parsed.success) {
    return parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'file'}: ${message}`,
    );
  }
  return registerMapFrom(parsed.data);
}

/** The map of a file whose form is right. */
export function registerMapFrom(file: z.output<typeof RegisterMapFile>): RegisterMap {
  const { function: readWith, type: shared, wordOrder: order, registers, ...map } = file;
  return {
    ...map,
    registers: registers.map(({ unit, obis, quantity, ...register }) => ({
      name: register.name,
      function: register.function ?? readWith,
      address: register.address,
      type: register.type ?? shared,
      wordOrder: register.wordOrder ?? order,
      scale: register.scale ?? 1,
      ...(unit === undefined ? {} : { unit }),
      ...(obis === undefined ? {} : { obis }),
      ...(quantity === undefined ? {} : { quantity }),
    })),
  };
}

const wordsOfType: Readonly<Record<WordType, number>> = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
};

export const wordsOf = ({ type: one }: Pick<MapRegister, 'type'>): number => wordsOfType[one];
