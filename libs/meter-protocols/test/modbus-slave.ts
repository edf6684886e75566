import { Buffer } from 'node:buffer';
import type { Block } from '../src/modbus/blocks.js';
import { encodeBlock, encodeModbusReply, type RegisterValues } from '../src/modbus/encode.js';
import { readRequestPdu, rtuFrame } from '../src/modbus/frames.js';
import { wordsOf, type MapIdentification, type RegisterMap } from '../src/modbus/register-map.js';

/** How a simulated meter of a map behaves where maps say nothing of it. */
export interface SlaveOptions {
  readonly unit: number;
  /** Refuses words that are no registers, but for the gaps that its map may read. */
  readonly strict: boolean;
  /** Says who it is, where its map knows a place for that. */
  readonly named: boolean;
}

const between = (chance: () => number, from: number, to: number): number =>
  from + chance() * (to - from);

/** Values of a house that fit together, for every register of a map. */
export function houseValues(map: RegisterMap, chance: () => number): RegisterValues {
  const phases = [1, 2, 3].map(() => {
    const voltage = between(chance, 222, 242);
    const current = between(chance, 0.4, 12);
    const factor = between(chance, 0.75, 1);
    return { voltage, current, factor, power: voltage * current * factor };
  });
  const isOnePhase = !map.registers.some(({ obis }) => obis === '1-0:52.7.0');
  const used = isOnePhase ? phases.slice(0, 1) : phases;
  const sum = (of: (phase: (typeof phases)[number]) => number): number =>
    used.reduce((all, phase) => all + of(phase), 0);
  const apparent = sum(({ voltage, current }) => voltage * current);
  const power = sum((phase) => phase.power);
  const importKWh = between(chance, 20, 40_000);
  const byCode: Record<string, number> = {
    '16.7.0': power,
    '9.7.0': apparent,
    '3.7.0': Math.sqrt(apparent ** 2 - power ** 2),
    '13.7.0': power / apparent,
    '14.7.0': between(chance, 49.95, 50.05),
    '1.8.0': importKWh,
    '2.8.0': between(chance, 0, 9_000),
  };
  phases.forEach(({ voltage, current, factor, power: part }, index) => {
    const group = (base: number): string => `${base + 20 * index}`;
    byCode[`${group(32)}.7.0`] = voltage;
    byCode[`${group(31)}.7.0`] = current;
    byCode[`${group(33)}.7.0`] = factor;
    byCode[`${group(36)}.7.0`] = part;
    byCode[`${group(29)}.7.0`] = voltage * current;
    byCode[`${group(21)}.8.0`] = importKWh / 3;
  });
  return Object.fromEntries(
    map.registers.map(({ name, obis, unit = '', scale }) => {
      const value = byCode[obis?.replace('1-0:', '') ?? ''] ?? between(chance, 10, 90);
      const isEnergy = /^k?Wh$/.test(unit);
      const inUnit = isEnergy
        ? value * (unit === 'Wh' ? 1_000 : 1)
        : value / (/^k(?:W|VA|var)$/.test(unit) ? 1_000 : 1);
      return [name, scale < 0 ? -inUnit : inUnit];
    }),
  );
}

const overlaps = (at: number, words: number, { start, words: asked }: Block): boolean =>
  at < start + asked && start < at + words;

/** The reply to a request, or nothing where another unit is asked. */
export function slaveReply(
  map: RegisterMap,
  values: RegisterValues,
  { unit, strict, named }: SlaveOptions,
  sent: Uint8Array,
): Uint8Array | null {
  if (sent[0] !== unit) return null;
  if (sent[1] === 0x2b) return rtuFrame(unit, Uint8Array.of(0xab, 1));
  const pdu = readRequestPdu(sent.subarray(1, 6));
  if (pdu?.kind !== 'request') return null;
  const { block } = pdu;
  const place = named ? map.identification.find((one) => isPlace(one, block)) : undefined;
  const answer = place
    ? identificationData(place)
    : has(map, block, strict)
      ? encodeBlock(map, block, values)
      : { exception: 2 };
  return encodeModbusReply({ framing: 'rtu', unit }, block, answer);
}

const isPlace = (
  { function: readWith, address, words }: MapIdentification,
  block: Block,
): boolean => readWith === block.function && address === block.start && words === block.words;

function identificationData({ words, codes, texts }: MapIdentification): Uint8Array {
  const data = Buffer.alloc(2 * words);
  if (codes.length > 0) data.writeUInt16BE(codes[0]!);
  else data.write(`${texts[0]} 155-100`, 'latin1');
  return data;
}

/** So many words beside its registers a lax meter answers, too: with zeros. */
const laxWords = 8;

function has(map: RegisterMap, block: Block, strict: boolean): boolean {
  const own = map.registers.filter(({ function: readWith }) => readWith === block.function);
  if (own.length === 0) return false;
  const gapMax = map.gapMax + (strict ? 0 : laxWords);
  for (let word = block.start; word < block.start + block.words; word += 1) {
    const isNear = own.some((register) => {
      const at = register.address - gapMax;
      return overlaps(at, wordsOf(register) + 2 * gapMax, { ...block, start: word, words: 1 });
    });
    if (!isNear) return false;
  }
  return own.some((register) => overlaps(register.address, wordsOf(register), block));
}
