import type { Register } from '@wattbus/energy-model';
import { isInside, type Block } from './blocks.js';
import { wordsOf, type MapRegister, type RegisterMap } from './register-map.js';
import { readWords } from './words.js';

/** A register's bytes in the data of a reply, and what they said the last time. */
interface Place {
  readonly register: MapRegister;
  readonly start: number;
  readonly end: number;
  /** Null where the meter had no value. */
  known: Register | null;
}

/**
 * Reads the replies to one request by a map. Most words of a meter repeat from reply to reply: only
 * those that changed are read again.
 */
export class BlockReader {
  private readonly places: readonly Place[];
  private readonly previous: Uint8Array;
  private isFirst = true;

  constructor(map: RegisterMap, block: Block) {
    this.previous = new Uint8Array(2 * block.words);
    this.places = map.registers
      .filter((register) => isInside(register, block))
      .map((register) => {
        const start = 2 * (register.address - block.start);
        return { register, start, end: start + 2 * wordsOf(register), known: null };
      });
  }

  /** Registers without a value are left out. */
  read(data: Uint8Array): readonly Register[] {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const registers: Register[] = [];
    for (const place of this.places) {
      if (this.isFirst || differs(this.previous, data, place)) {
        place.known = registerOf(place.register, readWords(view, place.start, place.register));
      }
      if (place.known !== null) registers.push(place.known);
    }
    this.previous.set(data);
    this.isFirst = false;
    return registers;
  }
}

function differs(before: Uint8Array, now: Uint8Array, { start, end }: Place): boolean {
  for (let index = start; index < end; index += 1) if (before[index] !== now[index]) return true;
  return false;
}

/** Written out by shape: this runs for every value that changed, and spreading is slow. */
export function registerOf(register: MapRegister, value: number | null): Register | null {
  if (value === null) return null;
  const { obis, unit } = register;
  const label = register.quantity ?? register.name;
  if (obis === undefined) return unit === undefined ? { label, value } : { label, value, unit };
  return unit === undefined ? { obis, label, value } : { obis, label, value, unit };
}
