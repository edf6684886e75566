import { countsSomething, formatGroups, isGeneral, readAddress, type Medium } from './address.js';

/** All that a code tells about its register, found once per code instead of once per line. */
export interface KnownAddress {
  readonly printed: string;
  readonly obis: string | undefined;
  /** The code as printed, where it is not simply the OBIS code. */
  readonly label: string | undefined;
  /** Digits without unit and decimal point are a number … */
  readonly counts: boolean;
  /** … and even with a decimal point they are none. */
  readonly general: boolean;
  /** Energy without unit is in kWh (DIN 43863-3). */
  readonly energy: boolean;
  /** The lower, the better the value names the meter; undefined where it does not. */
  readonly idRank: number | undefined;
  readonly clock: 'time' | 'date' | 'stamp' | undefined;
}

/** Serial number first, then the identification numbers of the owner. */
const idNames = ['96.1.0', '96.1.255', '0.0.0', '0.0.9', '0.0.1', '96.1.1'];
/** Channel 1 is the meter itself with Elster. */
const clockNames: readonly (readonly [obis: RegExp, clock: KnownAddress['clock']])[] = [
  [/^(?:[01]-0|1-1):0\.9\.1$/, 'time'],
  [/^(?:[01]-0|1-1):0\.9\.2$/, 'date'],
  [/^(?:1-[01]:0\.9\.4|0-0:1\.0\.0|6-0:9\.36\.0)$/, 'stamp'],
];
const lettered = /[CFLP]/;
const addressesMax = 2048;

/** The codes of one meter. Garbage cannot make it grow: full, it begins anew. */
export class AddressBook {
  private readonly known = new Map<string, KnownAddress | null>();
  private medium: Medium;

  constructor(medium: Medium) {
    this.medium = medium;
  }

  /** Null where the text is no code. */
  find(printed: string): KnownAddress | null {
    const found = this.known.get(printed);
    if (found !== undefined) return found;
    if (this.known.size >= addressesMax) this.known.clear();
    const address = describe(printed, this.medium);
    this.known.set(printed, address);
    return address;
  }
}

function describe(printed: string, medium: Medium): KnownAddress | null {
  const address = readAddress(printed, medium);
  if (!address) return null;
  const { groups, full } = address;
  const obis = groups === null ? undefined : formatGroups(groups);
  const [channel, name] = obis?.split(':') ?? [];
  const rank = channel?.endsWith('-0') ? idNames.indexOf(name!) : -1;
  return {
    printed,
    obis,
    label: groups === null || !full || lettered.test(printed) ? printed : undefined,
    counts: countsSomething(groups),
    general: isGeneral(groups),
    energy: groups?.a === 1 && (groups.c === 1 || groups.c === 2) && groups.d === 8,
    idRank: rank < 0 ? undefined : rank,
    clock: clockNames.find(([name]) => name.test(obis ?? ''))?.[1],
  };
}
