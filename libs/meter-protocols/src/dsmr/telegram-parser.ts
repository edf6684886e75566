import type { Register, Telegram } from '@wattbus/energy-model';
import { named, readGas, readNumber, readText, readTime } from './data-line.js';
import type { DataLine, LineReader } from './data-line.js';
import { decodeEquipmentId } from '../framing/equipment-id.js';
import { skippedLineWarning } from '../framing/skipped-line.js';
import { readIdentification } from './identification.js';
import { ObjectNames, type ObjectKind, type ObjectName } from './object-names.js';
import { LastTwo } from './last-two.js';
import { findNumber, readNumberAt, type NumberPlace } from './number-place.js';
import { p1Clock, p1Instant, type P1Clock } from './p1-time.js';
import { readProfile } from './profile-buffer.js';

/** What a telegram says, whether or not a checksum vouches for it. */
export interface TelegramContent {
  readonly meter: Telegram['meter'];
  readonly at: string | null;
  readonly registers: readonly Register[];
  readonly warnings: readonly string[];
  /** Tenths: 42 is DSMR 4.2. Null where the telegram names none, as those before 4.0. */
  readonly version: number | null;
}

const warningsMax = 16;
const nameCharactersMax = 24;
const openParen = 0x28;
const closeParen = 0x29;

const readers: Readonly<Record<ObjectKind, LineReader>> = {
  number: readNumber,
  text: readText,
  time: readTime,
  profile: readProfile,
  gas: readGas,
};

/** What a logical line amounts to, whatever telegram it stands in. */
interface LineContent {
  /** Null where the line breaks the grammar. */
  readonly registers: readonly Register[] | null;
  readonly name: ObjectName | null;
  /** The meter's own number, where this line states one. */
  readonly id?: string | undefined;
  /** Of a line that breaks the grammar. */
  readonly text?: string | undefined;
}

/**
 * A logical line of the last telegram. Where only its place or its number changes, it is changed
 * itself: making another one takes longer than reading the number.
 */
interface KnownLine extends LineContent {
  start: number;
  readonly length: number;
  /** Nothing that follows would continue it, but another group. */
  readonly isClosed: boolean;
  /** Where its number stands, if the line is a name and a number. */
  readonly number: NumberPlace | null;
  registers: readonly Register[] | null;
}

/**
 * Reads P1 telegrams: from behind the leading `/` up to the closing `!`, which both stay outside.
 * Takes plain telegrams and decrypted ones alike.
 *
 * A meter repeats most lines of a telegram in the next one, and in most of the others only digits
 * change. The last telegram is therefore kept with what its lines amounted to, and a line is read
 * anew only where more than its number has changed.
 */
export class TelegramParser {
  private readonly clock: P1Clock;
  private readonly names = new ObjectNames();
  private readonly pages = new LastTwo();
  private readonly lines: KnownLine[] = [];
  private ident = '';
  private meter: Telegram['meter'] = {};

  constructor({ standardOffsetMinutes }: { standardOffsetMinutes: number }) {
    this.clock = p1Clock(standardOffsetMinutes);
  }

  /** Lines that break the grammar are left out, each with a warning. */
  parse(body: Uint8Array): TelegramContent {
    const draft = new Draft(this.clock);
    this.pages.turn(body);
    const text = this.pages.text();
    const { lines } = this;
    let count = 0;
    let start = nextLine(text, 0);
    this.identify(text.slice(0, start).trimEnd());
    while (start < body.length) {
      let line = lines[count];
      if (line === undefined || !this.standsAgain(line, start, body.length)) {
        line = this.readLine(text, start);
        lines[count] = line;
      }
      draft.add(line);
      count += 1;
      start += line.length;
    }
    lines.length = count;
    return draft.finish(this.meter);
  }

  private identify(ident: string): void {
    if (ident === this.ident) return;
    this.ident = ident;
    this.meter = readIdentification(ident);
  }

  /** Whether the line stands at `start`, with the same number or another one, which it takes. */
  private standsAgain(known: KnownLine, start: number, bodyEnd: number): boolean {
    const { length, number } = known;
    const { bytes } = this.pages;
    const next = start + length;
    if (!known.isClosed || next > bodyEnd) return false;
    if (next < bodyEnd && bytes[next] === openParen) return false;
    const changed = this.differenceFrom(0, known, start);
    if (changed < length) {
      if (number === null || changed < number.from || changed >= number.to) return false;
      const value = readNumberAt(number, bytes, start);
      if (value === null || this.differenceFrom(number.to, known, start) < length) return false;
      known.registers = [named(known.name!, { value, unit: known.registers![0]!.unit })];
    }
    known.start = start;
    return true;
  }

  /** Where the line differs first, counted from its start; its length where it does not. */
  private differenceFrom(from: number, known: KnownLine, start: number): number {
    const end = start + known.length;
    if (known.start === start) {
      return Math.min(end, this.pages.differenceFrom(start + from)) - start;
    }
    const { bytes, bytesBefore } = this.pages;
    const shift = known.start - start;
    let index = start + from;
    while (index < end && bytes[index] === bytesBefore[index + shift]) index += 1;
    return index - start;
  }

  private readLine(telegram: string, start: number): KnownLine {
    const length = logicalLineEnd(telegram, start) - start;
    const text = telegram.slice(start, start + length);
    const content = this.contentOf(text);
    const isClosed = text.charCodeAt(length - 3) === closeParen;
    const number = numberPlaceOf(text, content);
    const { name, registers, id } = content;
    return { start, length, isClosed, number, name, registers, id, text: content.text };
  }

  private contentOf(text: string): LineContent {
    const end = trimmedEnd(text, 0, text.length);
    if (end === 0) return { name: null, registers: [] };
    const paren = nameEnd(text, 0, end);
    const name = paren < 0 ? null : this.names.find(text.slice(0, paren));
    if (!name || text.charCodeAt(end - 1) !== closeParen) return broken(text);
    const line: DataLine = { text, name, start: paren, end };
    const registers = readers[name.kind](line, this.clock);
    if (registers === null) return broken(text);
    const value = registers[0]?.value;
    if (name.identityRank === undefined || !value) return { name, registers };
    return { name, registers, id: decodeEquipmentId(String(value)) };
  }
}

const broken = (text: string): LineContent => ({
  name: null,
  registers: null,
  text: text.trimEnd(),
});

/** Only where the value is the number as it stands: no time, no list, no name of the meter. */
function numberPlaceOf(text: string, { name, registers }: LineContent): NumberPlace | null {
  const register = registers?.length === 1 ? registers[0]! : null;
  if (name?.kind !== 'number' || name.identityRank !== undefined) return null;
  if (typeof register?.value !== 'number' || register.at !== undefined) return null;
  return findNumber(text);
}

/** A telegram while it is being read. */
class Draft {
  private readonly registers: Register[] = [];
  private readonly warnings: string[] = [];
  private skipped = 0;
  private readonly clock: P1Clock;
  private at: string | null = null;
  private date = '';
  private time = '';
  private version: number | null = null;
  private id: string | undefined;
  private idRank = Infinity;

  constructor(clock: P1Clock) {
    this.clock = clock;
  }

  add({ name, registers, id, text }: LineContent): void {
    if (registers === null) return this.skip(text!);
    if (registers.length === 1) this.registers.push(registers[0]!);
    else this.registers.push(...registers);
    if (name === null || !name.isSpecial) return;
    if (name.kind === 'time') this.at ??= registers[0]?.at ?? null;
    if (name.clockPart) this[name.clockPart] ||= String(registers[0]?.value);
    if (name.isVersion) this.version ??= tenths(String(registers[0]?.value));
    if (id !== undefined && name.identityRank! < this.idRank) {
      this.id = id;
      this.idRank = name.identityRank!;
    }
  }

  finish(meter: Telegram['meter']): TelegramContent {
    const left = this.skipped - warningsMax;
    if (left > 0) this.warnings.push(`${left} more lines skipped`);
    return {
      meter: this.id === undefined ? meter : { id: this.id, ...meter },
      at: this.at ?? p1Instant(this.date + this.time, this.clock),
      registers: this.registers,
      warnings: this.warnings,
      version: this.version,
    };
  }

  private skip(line: string): void {
    this.skipped += 1;
    if (this.skipped <= warningsMax) this.warnings.push(skippedLineWarning + excerpt(line));
  }
}

/** `50` is 5.0, and so is the Belgian `50217`; a single digit is a major version. */
function tenths(version: string): number | null {
  if (!/^\d+$/.test(version)) return null;
  return Number(version.slice(0, 2).padEnd(2, '0'));
}

/** A line as it can be shown in a message: short, and printable whatever the port delivered. */
function excerpt(line: string): string {
  const shown = line.slice(0, 60).replace(/[^ -~]/g, '.');
  return line.length > 60 ? `"${shown}…"` : `"${shown}"`;
}

/** Index behind the line end, or the text's end. */
function nextLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end + 1;
}

/**
 * A data line goes on where the next one begins with a group (the gas of DSMR 2 and 3), or where a
 * long text is still open and the next one does not begin with a name (messages are folded).
 */
function logicalLineEnd(text: string, start: number): number {
  let next = nextLine(text, start);
  let open = isOpen(text, start, next);
  while (next < text.length) {
    const isGroup = text.charCodeAt(next) === openParen;
    if (!isGroup && !(open && !beginsWithName(text, next))) break;
    const lineStart = next;
    next = nextLine(text, next);
    open = trimmedEnd(text, lineStart, next) > lineStart && !closes(text, lineStart, next);
  }
  return next;
}

const isOpen = (text: string, start: number, next: number): boolean =>
  !closes(text, start, next) && nameEnd(text, start, next) >= 0;

const closes = (text: string, start: number, next: number): boolean =>
  text.charCodeAt(trimmedEnd(text, start, next) - 1) === closeParen;

const beginsWithName = (text: string, start: number): boolean =>
  /^\d{1,3}-\d/.test(text.slice(start, start + 5));

function trimmedEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return end;
}

/** Index of the first `(` within the length that a name can have, or -1. */
function nameEnd(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + nameCharactersMax);
  for (let index = start; index < limit; index += 1) {
    if (text.charCodeAt(index) === openParen) return index;
  }
  return -1;
}
