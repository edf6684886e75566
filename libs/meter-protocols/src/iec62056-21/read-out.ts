import type { Register, Telegram } from '@wattbus/energy-model';
import { decodeEquipmentId } from '../framing/equipment-id.js';
import { skippedLineWarning } from '../framing/skipped-line.js';
import { AddressBook, type KnownAddress } from './address-book.js';
import { electricity, heat } from './address.js';
import { splitDataBlock, type DataSet } from './data-block.js';
import { isProfileHeader, LoadProfile } from './load-profile.js';
import { readClock, readStamp } from './meter-time.js';
import { readValue, splitParts, type StatedValue } from './value-text.js';

/** What a data block says, before it is known whether a block check covered it. */
export type ReadOut = Pick<Telegram, 'at' | 'registers' | 'warnings'> & {
  readonly id: string | undefined;
};

const warningsMax = 8;
const warningTextMax = 40;
const stampsMax = 512;
const heatEnergy = '6.8';
const heatUnits = new Set(['MWh', 'GJ', 'MJ', 'kWh', 'Wh']);
const impliedUnit = 'kWh';
/** Names of this length are no digits that happen to be letters in hexadecimal, too. */
const encodedNameMin = 16;
/** Group F of a value that was reset never yet. */
const neverReset = '*0';

/** Reads data blocks: the text between identification and closing `!`. Keeps what it learned. */
export class ReadOutReader {
  private readonly standardOffsetMinutes: number;
  private readonly electricity = new AddressBook(electricity);
  private readonly heat = new AddressBook(heat);
  private readonly stamps = new Map<string, string | null>();
  private registers: Register[] = [];
  private id: string | undefined;
  private idRank = Infinity;
  private time = '';
  private date = '';
  private at: string | null = null;

  constructor(standardOffsetMinutes: number) {
    this.standardOffsetMinutes = standardOffsetMinutes;
  }

  read(text: string): ReadOut {
    this.begin();
    const { sets, skipped } = splitDataBlock(text);
    const book = isHeatMeter(sets) ? this.heat : this.electricity;
    const unread = skipped.slice();
    let profile: LoadProfile | null = null;
    for (const set of sets) {
      if (isProfileHeader(set)) {
        profile = new LoadProfile(set, this.standardOffsetMinutes);
        this.registers.push(profile.status());
        continue;
      }
      if (set.address !== '') profile = null;
      if (!(profile ? this.addRow(profile, set) : this.addSet(book, set))) {
        unread.push(`${set.address}(${[set.first, ...set.more].join(')(')})`);
      }
    }
    if (this.time && this.date) {
      this.at ??= readClock(this.time, this.date, this.standardOffsetMinutes);
    }
    const { id, at } = this;
    const registers = presentOnes(this.registers);
    return { id, at, registers, warnings: unread.length === 0 ? [] : warningsAbout(unread) };
  }

  private begin(): void {
    this.registers = [];
    this.id = undefined;
    this.idRank = Infinity;
    this.time = '';
    this.date = '';
    this.at = null;
  }

  private addRow(profile: LoadProfile, set: DataSet): boolean {
    const row = profile.row(set);
    this.registers.push(...row);
    return row.length > 0;
  }

  /** Registers of one data set; false where its code is none. */
  private addSet(book: AddressBook, { address, first, more }: DataSet): boolean {
    const known = book.find(address);
    if (!known) return false;
    if (more.length === 1 && this.addTimed(known, first, more[0]!)) return true;
    if (first.includes('&')) {
      const [part, ...parts] = splitParts(first);
      this.add(known, readValue(part!), undefined);
      this.addFurther(known, parts);
    } else {
      this.add(known, readValue(first), undefined);
    }
    if (more.length > 0) this.addFurther(known, more);
    return true;
  }

  /**
   * Of two groups one may be the time of the other: `(02.468*kW)(1703100930)` or, at M-Bus
   * channels, `(101209110000W)(12785.123*m3)`.
   */
  private addTimed(known: KnownAddress, first: string, second: string): boolean {
    for (const [stated, stamp] of [
      [first, second],
      [second, first],
    ] as const) {
      const value = readValue(stated);
      if (value.number === null || (value.unit === undefined && !stated.includes('.'))) continue;
      const at = this.stampOf(stamp.trim());
      if (at === null) continue;
      this.add(known, value, at);
      return true;
    }
    return false;
  }

  /** Further groups have the code as a label only: what they are is up to the manufacturer. */
  private addFurther({ printed }: KnownAddress, groups: readonly string[]): void {
    for (const [index, group] of groups.entries()) {
      const { number, text, unit } = readValue(group);
      const label = `${printed}[${index + 1}]`;
      const value = number === null || unit === undefined ? text : number;
      this.registers.push({ label, value, ...(unit === undefined ? {} : { unit }) });
    }
  }

  private add(known: KnownAddress, stated: StatedValue, at: string | undefined): void {
    const value = valueOf(known, stated);
    const implied = known.energy && typeof value === 'number' ? impliedUnit : undefined;
    const { obis, label } = known;
    // One shape for all: absent parts are undefined, which is left out in JSON.
    this.registers.push({ obis, label, value, unit: stated.unit ?? implied, at });
    if (known.clock !== undefined) this.noteClock(known.clock, stated.text);
    if (known.idRank !== undefined && known.idRank < this.idRank && stated.text !== '') {
      const isEncoded = stated.text.length >= encodedNameMin;
      this.id = isEncoded ? decodeEquipmentId(stated.text) : stated.text;
      this.idRank = known.idRank;
    }
  }

  private noteClock(clock: 'time' | 'date' | 'stamp', text: string): void {
    if (clock === 'time') this.time ||= text;
    else if (clock === 'date') this.date ||= text;
    else this.at ??= this.stampOf(text);
  }

  /** Read-outs repeat the time stamps of past months. */
  private stampOf(text: string): string | null {
    const known = this.stamps.get(text);
    if (known !== undefined) return known;
    if (this.stamps.size >= stampsMax) this.stamps.clear();
    const at = readStamp(text, this.standardOffsetMinutes);
    this.stamps.set(text, at);
    return at;
  }
}

function valueOf(known: KnownAddress, { text, unit, number }: StatedValue): number | string {
  if (number === null) return text;
  const measured = unit !== undefined || known.counts;
  return measured || (text.includes('.') && !known.general) ? number : text;
}

/** Pafal prints `*00` behind what the meter counts now: without a plain code it is no history. */
function presentOnes(registers: readonly Register[]): readonly Register[] {
  if (!registers.some(({ obis }) => obis?.endsWith(neverReset))) return registers;
  const stated = new Set(registers.map(({ obis }) => obis));
  return registers.map((register) => {
    const plain = register.obis?.endsWith(neverReset)
      ? register.obis.slice(0, -neverReset.length)
      : undefined;
    return plain === undefined || stated.has(plain) ? register : { ...register, obis: plain };
  });
}

/** Heat meters print reduced codes of medium 6: 6.8 is their energy, not reactive energy. */
function isHeatMeter(sets: readonly DataSet[]): boolean {
  for (const { address, first } of sets) {
    if (address === heatEnergy) return heatUnits.has(readValue(first).unit ?? '');
  }
  return false;
}

function warningsAbout(unread: readonly string[]): readonly string[] {
  return unread
    .slice(0, warningsMax)
    .map((text) => skippedLineWarning + text.slice(0, warningTextMax));
}
