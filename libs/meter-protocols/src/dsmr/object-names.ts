import { formatObis, parseObis } from '@wattbus/energy-model';

/**
 * How the value of an object is written:
 * - `number`: one group, or a timestamp and one group; with a unit or, for counters, without
 * - `text`: one group taken as it stands
 * - `time`: a P1 timestamp
 * - `profile`: a buffer of captured objects (power failures, monthly peaks)
 * - `gas`: the reading of DSMR 2 and 3 with its six leading groups
 */
export type ObjectKind = 'number' | 'text' | 'time' | 'profile' | 'gas';

export interface ObjectName {
  /** Absent for a stored value (`*01`), which must not be taken for the present one. */
  readonly obis?: string;
  readonly label?: string;
  readonly kind: ObjectKind;
  /** Lower is better: which object names the meter. */
  readonly identityRank?: number;
  readonly isVersion: boolean;
  /** It says something of the telegram or the meter as a whole. */
  readonly isSpecial: boolean;
  /** The clock of meters that send no 0-0:1.0.0, as Iskraemeco in Slovenia. */
  readonly clockPart?: 'date' | 'time';
}

const kinds: readonly (readonly [pattern: RegExp, kind: ObjectKind])[] = [
  [/^0-0:1\.0\.0$/, 'time'],
  [/^0-\d+:24\.3\.0$/, 'gas'],
  [/^[01]-\d+:9[89]\.\d+\.\d+$/, 'profile'],
  // Names, versions, messages, status words: digits there are no quantity.
  [/^[01]-\d+:(?:0\.[029]|42\.0|96\.1|96\.5|96\.13|96\.50|97\.97)\.\d+$/, 'text'],
];

/** Where both are stated, device ID 1 is the number and 96.1.1 the type (Kaifa in Poland). */
const identities = ['0-0:96.1.0', '0-0:96.1.1', '0-0:96.1.255', '0-0:42.0.0', '1-0:0.0.0'];
/** The Dutch version object, and the Belgian one whose first two digits say the same. */
const versions = ['1-3:0.2.8', '0-0:96.1.4'];

const clockParts: Readonly<Record<string, 'date' | 'time'>> = {
  '1-0:0.9.1': 'time',
  '1-0:0.9.2': 'date',
};

const suffixed = /^([^.*]+\.\d+\.\d+)[.*](\d{1,3})$/;
const cachedMax = 512;

/** Remembers the names it has seen, since a meter repeats the same ones every second. */
export class ObjectNames {
  private readonly known = new Map<string, ObjectName | null>();

  /** The object that the text before a line's first group names; null where it names none. */
  find(stated: string): ObjectName | null {
    const cached = this.known.get(stated);
    if (cached !== undefined) return cached;
    const name = readObjectName(stated);
    if (this.known.size < cachedMax) this.known.set(stated, name);
    return name;
  }
}

function readObjectName(stated: string): ObjectName | null {
  const [, plain, history] = suffixed.exec(stated) ?? [undefined, stated, '255'];
  const groups = parseObis(plain!);
  if (!groups) return null;
  const obis = formatObis(groups);
  if (history !== '255') {
    return { label: stated, kind: 'number', isVersion: false, isSpecial: false };
  }
  const kind = kinds.find(([pattern]) => pattern.test(obis))?.[1] ?? 'number';
  const rank = identities.indexOf(obis);
  const clockPart = clockParts[obis];
  const isVersion = versions.includes(obis);
  return {
    obis,
    kind,
    isVersion,
    isSpecial: isVersion || kind === 'time' || rank >= 0 || clockPart !== undefined,
    ...(rank < 0 ? {} : { identityRank: rank }),
    ...(clockPart ? { clockPart } : {}),
  };
}
