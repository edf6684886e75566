import type { Register } from '@wattbus/energy-model';
import type { BusFound } from '../meter-protocol.js';
import { registerOf } from './block-reader.js';
import { blocksOf, isInside, type Block } from './blocks.js';
import { BusMemory } from './bus-memory.js';
import { identificationPdu } from './bus-reply.js';
import { requestPdu } from './frames.js';
import { firstRegisterOf, fitOf, isVoltage, type MapFit } from './map-fit.js';
import { telegramOf } from './modbus-decoder.js';
import type { MapIdentification, RegisterMap } from './register-map.js';

/** Asks with a PDU, and hears the data: null where the meter refuses or stays silent. */
export type Interview = Generator<Uint8Array, Omit<BusFound, 'address'>, Uint8Array | null>;

/**
 * What is asked of a meter that answers, until all is known that tells which map fits: who it is,
 * then what each map would read. A map whose first voltage is none is not read any further.
 */
export function* interview(maps: readonly RegisterMap[]): Interview {
  const memory = new BusMemory();
  const told = yield identificationPdu;
  const named = new Set(told === null ? [] : mapsOfText(maps, textOf(told)));
  for (const map of maps) {
    for (const identification of map.identification) {
      yield* read({ ...identification, start: identification.address }, memory);
      if (names(identification, memory)) named.add(map);
    }
  }
  const ofNamed = yield* fits([...named], memory);
  const found = ofNamed.length > 0 ? ofNamed : yield* fits(maps, memory);
  return chosen(found, memory, ofNamed.length > 0);
}

function* read(block: Block, memory: BusMemory): Generator<Uint8Array, void, Uint8Array | null> {
  if (memory.has(block)) return;
  const data = yield requestPdu(block);
  memory.keep(block, data?.length === 2 * block.words ? data : null);
}

function* fits(
  maps: readonly RegisterMap[],
  memory: BusMemory,
): Generator<Uint8Array, readonly MapFit[], Uint8Array | null> {
  const found: MapFit[] = [];
  // What the richest ones read, the others mostly need not ask again.
  const richest = [...maps].sort((left, right) => right.registers.length - left.registers.length);
  for (const map of richest) {
    const first = firstRegisterOf(map);
    const isFirst = (block: Block): boolean => first !== null && isInside(first, block);
    const blocks = blocksOf(map);
    for (const block of blocks.filter(isFirst)) yield* read(block, memory);
    if (first && !isVoltage(memory.value(first))) continue;
    for (const block of blocks) yield* read(block, memory);
    const fit = fitOf(map, memory);
    if (fit) found.push(fit);
  }
  return found;
}

const certaintyOfNamed = 0.98;
/** By the number of relations that hold; the last is of more. */
const certainties = [0.5, 0.7, 0.8, 0.9, 0.95];

/** The map that explains most of what the meter keeps; of equal ones the one that asks for least. */
function chosen(
  fits: readonly MapFit[],
  memory: BusMemory,
  isNamed: boolean,
): Omit<BusFound, 'address'> {
  const [best, ...others] = [...fits].sort(
    (left, right) =>
      right.evidence - left.evidence ||
      right.telling - left.telling ||
      left.map.registers.length - right.map.registers.length ||
      (left.map.name < right.map.name ? -1 : 1),
  );
  if (!best) return { registerMap: null, certainty: 0, alsoFits: [], telegram: null };
  const equal = others.filter(
    ({ evidence, telling }) => evidence === best.evidence && telling === best.telling,
  );
  const certainty = isNamed ? certaintyOfNamed : certainties[Math.min(best.evidence, 4)]!;
  return {
    registerMap: best.map.name,
    certainty: Math.round((100 * certainty) / (1 + equal.length)) / 100,
    alsoFits: equal.map(({ map }) => map.name),
    telegram: telegramOf(best.map, registersOf(best.map, memory), true),
  };
}

const registersOf = (map: RegisterMap, memory: BusMemory): readonly Register[] =>
  map.registers
    .map((register) => registerOf(register, memory.value(register)))
    .filter((register) => register !== null);

function names(identification: MapIdentification, memory: BusMemory): boolean {
  const { function: readWith, address, words, codes, texts } = identification;
  const data = memory.bytes(readWith, address, words);
  if (data === null) return false;
  return codes.includes((data[0]! << 8) | data[1]!) || isIn(texts, textOf(data));
}

const mapsOfText = (maps: readonly RegisterMap[], text: string): readonly RegisterMap[] =>
  maps.filter(({ identification }) => identification.some(({ texts }) => isIn(texts, text)));

const isIn = (texts: readonly string[], text: string): boolean =>
  texts.some((part) => text.includes(part.toLowerCase()));

const textOf = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => String.fromCharCode(byte))
    .join('')
    .toLowerCase();
