import type { Register } from '@wattbus/energy-model';
import {
  wordsOf,
  type MapRegister,
  type ReadFunction,
  type RegisterMap,
  type WordType,
} from './register-map.js';
import { readWords } from './words.js';

/** One request: so many words from an address on. */
export interface Block {
  readonly function: ReadFunction;
  readonly start: number;
  readonly words: number;
}

/** The fewest requests that a map allows, in the order of function and address. */
export function blocksOf(map: RegisterMap): readonly Block[] {
  const blocks: Block[] = [];
  const sorted = [...map.registers].sort(
    (left, right) => left.function - right.function || left.address - right.address,
  );
  for (const register of sorted) {
    const last = blocks.at(-1);
    const end = register.address + wordsOf(register);
    const joins =
      last !== undefined &&
      last.function === register.function &&
      register.address <= last.start + last.words + map.gapMax &&
      end - last.start <= map.wordsMax;
    if (!joins) {
      blocks.push({
        function: register.function,
        start: register.address,
        words: wordsOf(register),
      });
    } else {
      const words = Math.max(last.words, end - last.start);
      blocks[blocks.length - 1] = { ...last, words };
    }
  }
  return blocks;
}

/** Whether a register lies wholly in a block. */
export const isInside = (register: MapRegister, block: Block): boolean =>
  register.function === block.function &&
  register.address >= block.start &&
  register.address + wordsOf(register) <= block.start + block.words;

/**
 * Words of which no map says what they are: taken in pairs as 32-bit floats where they can be that,
 * since most meters send those, and as whole numbers otherwise. `block` is null without a request.
 */
export function unmappedRegisters(
  readWith: ReadFunction,
  block: Block | null,
  data: Uint8Array,
): readonly Register[] {
  const words = data.length / 2;
  const step = words % 2 === 0 ? 2 : 1;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const kind = readWith === 3 ? 'holding' : 'input';
  return Array.from({ length: words / step }, (_, index) => {
    const at = index * step;
    const place = block === null ? `+${at}` : hexAddress(block.start + at);
    const type = step === 1 ? 'uint16' : pairType(view.getInt32(2 * at));
    const value = readWords(view, 2 * at, { type, wordOrder: 'high-first', scale: 1 });
    return { label: `${kind} ${place} ${type}`, value: value ?? '' };
  });
}

/** The smallest float that is no subnormal (IEEE 754, §3.4), which no meter measures. */
const smallestFloat = 0x00800000;

/** Small whole numbers are subnormal floats, negative ones are none (NaN). All ones mean no value. */
const pairType = (raw: number): WordType => {
  if (raw > 0 && raw < smallestFloat) return 'uint32';
  return raw < -1 && raw > -0x10000 ? 'int32' : 'float32';
};

const hexAddress = (address: number): string =>
  `0x${address.toString(16).toUpperCase().padStart(4, '0')}`;
