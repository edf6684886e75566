import type { DecoderOptions, MeterProtocol, SerialSettings } from '../meter-protocol.js';
import { isSame } from './evidence.js';

/** Asking a meter for so long; longer once it answers. */
export interface Ask {
  readonly protocol: MeterProtocol;
  readonly settings: SerialSettings;
  readonly limitMs: number;
  /** Of a bus whose meters are searched for: the addresses. */
  readonly units?: readonly number[];
}

export interface Plan {
  /** Protocols that are told by listening. */
  readonly heard: readonly MeterProtocol[];
  /** To listen with, the most usual first. */
  readonly listen: readonly SerialSettings[];
  readonly asks: readonly Ask[];
}

/** A bus tells its meters apart by addresses only, and a pulse could be any byte. */
const neverHeard: ReadonlySet<string> = new Set(['mbus', 'modbus', 'pulse']);

interface Turn {
  readonly protocol: string;
  readonly limitMs: number;
  /** Of the protocol's usual settings: which ones. */
  readonly settings: readonly [from: number, to: number];
  /** Where no register map is stated these addresses are searched, and only then. */
  readonly units?: readonly number[];
}

/** One that nobody has changed has address 1. */
const firstUnit = [1];
const nextUnits = [2, 3];

/**
 * Who is asked, in turn. A sign-on is harmless to any bus. Its repetitions, with what wakes meters
 * on batteries, take longest. A Modbus meter is asked twice: one answer may be lost.
 */
const turns: readonly Turn[] = [
  { protocol: 'iec62056-21', limitMs: 4_800, settings: [0, 1] },
  { protocol: 'mbus', limitMs: 3_000, settings: [0, 1] },
  { protocol: 'modbus', limitMs: 2_300, settings: [0, 6] },
  { protocol: 'modbus', limitMs: 1_000, settings: [0, 7], units: firstUnit },
  { protocol: 'modbus', limitMs: 2_000, settings: [0, 5], units: nextUnits },
  { protocol: 'iec62056-21', limitMs: 14_000, settings: [0, 1] },
  { protocol: 'mbus', limitMs: 2_500, settings: [1, 3] },
  { protocol: 'modbus', limitMs: 1_000, settings: [7, 9], units: firstUnit },
  { protocol: 'modbus', limitMs: 2_000, settings: [5, 9], units: nextUnits },
];

/** `fixed` are settings that a person has stated; they hold for all that is tried. */
export function planOf(
  protocols: readonly MeterProtocol[],
  { registerMap }: DecoderOptions,
  fixed: Partial<SerialSettings> = {},
): Plan {
  const heard = protocols.filter(({ name }) => !neverHeard.has(name));
  const passive = heard.filter(({ conversation }) => conversation === undefined);
  const asked = heard.filter(({ conversation }) => conversation !== undefined);
  return {
    heard,
    listen: distinct([...byTurns(passive), ...byTurns(asked)], fixed),
    asks: turns.flatMap(({ protocol: name, limitMs, settings: [from, to], units }) => {
      const protocol = protocols.find((one) => one.name === name);
      const isSearched = protocol?.search !== undefined && registerMap === undefined;
      if (!protocol?.conversation || isSearched !== (units !== undefined)) return [];
      return distinct(protocol.serialSettings.slice(from, to), fixed).map((settings) => ({
        protocol,
        settings,
        limitMs,
        ...(units ? { units } : {}),
      }));
    }),
  };
}

/**
 * The first settings of each protocol, then the second ones … Of equally usual ones the fastest
 * come first: a fast port sees that a slower meter speaks.
 */
function byTurns(protocols: readonly MeterProtocol[]): readonly SerialSettings[] {
  const longest = Math.max(0, ...protocols.map(({ serialSettings }) => serialSettings.length));
  return Array.from({ length: longest }, (_, i) =>
    protocols
      .flatMap(({ serialSettings }) => serialSettings.slice(i, i + 1))
      .sort((left, right) => right.baudRate - left.baudRate),
  ).flat();
}

function distinct(
  settings: readonly SerialSettings[],
  fixed: Partial<SerialSettings>,
): readonly SerialSettings[] {
  const wanted = settings.map((usual) => ({ ...usual, ...fixed }));
  return wanted.filter((one, i) => wanted.findIndex((other) => isSame(one, other)) === i);
}
