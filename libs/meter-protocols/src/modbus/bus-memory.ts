import type { Block } from './blocks.js';
import { wordsOf, type MapRegister, type ReadFunction } from './register-map.js';
import { readWords } from './words.js';

type Place = `${ReadFunction}:${number}`;

const placeOf = (readWith: ReadFunction, address: number): Place => `${readWith}:${address}`;

const keyOf = ({ function: readWith, start, words }: Block): string =>
  `${placeOf(readWith, start)}:${words}`;

/** The words of a meter as far as they were read, whatever they mean. */
export class BusMemory {
  private readonly words = new Map<Place, number>();
  private readonly refused = new Set<string>();

  /** Null where the meter refuses the block; others around its words it may answer. */
  keep(block: Block, data: Uint8Array | null): void {
    const { function: readWith, start, words } = block;
    if (data === null) this.refused.add(keyOf(block));
    for (let index = 0; data !== null && index < words; index += 1) {
      const word = (data[2 * index]! << 8) | data[2 * index + 1]!;
      this.words.set(placeOf(readWith, start + index), word);
    }
  }

  /** Whether it is known already what the meter answers. */
  has(block: Block): boolean {
    const { function: readWith, start, words } = block;
    if (this.refused.has(keyOf(block))) return true;
    return Array.from({ length: words }, (_, index) => placeOf(readWith, start + index)).every(
      (place) => this.words.has(place),
    );
  }

  /** Null where the meter refused it or has no value. */
  value(register: MapRegister): number | null {
    const data = this.bytes(register.function, register.address, wordsOf(register));
    return data && readWords(new DataView(data.buffer), 0, register);
  }

  bytes(readWith: ReadFunction, address: number, words: number): Uint8Array | null {
    const data = new Uint8Array(2 * words);
    for (let index = 0; index < words; index += 1) {
      const word = this.words.get(placeOf(readWith, address + index));
      if (word === undefined) return null;
      data.set([word >> 8, word & 0xff], 2 * index);
    }
    return data;
  }
}
