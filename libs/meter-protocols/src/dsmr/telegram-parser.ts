import type { Register, Telegram } from '@wattbus/energy-model';
import { readGas, readNumber, readText, readTime } from './data-line.js';
import type { DataLine, LineReader } from './data-line.js';
import { decodeEquipmentId } from '../framing/equipment-id.js';
import { skippedLineWarning } from '../framing/skipped-line.js';
import { readIdentification } from './identification.js';
import { ObjectNames, type ObjectKind, type ObjectName } from './object-names.js';
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
  readonly id?: string;
}

/**
 * Reads the text of P1 telegrams: from behind the leading `/` up to the closing `!`, which both
 * stay outside. Takes plain telegrams and decrypted ones alike.
 *
 * A meter repeats most lines of a telegram in the next one. The lines of the last telegram are
 * therefore kept with what they amounted to, and only those that changed are read again.
 */
export class TelegramParser {
  private readonly clock: P1Clock;
  private readonly names = new ObjectNames();
  private lines: string[] = [];
  private contents: LineContent[] = [];

  constructor({ standardOffsetMinutes }: { standardOffsetMinutes: number }) {
    this.clock = p1Clock(standardOffsetMinutes);
  }

  /** Lines that break the grammar are left out, each with a warning. */
  parse(text: string): TelegramContent {
    const draft = new Draft(this.clock);
    const lines: string[] = [];
    const contents: LineContent[] = [];
    let start = nextLine(text, 0);
    const ident = text.slice(0, start).trimEnd();
    while (start < text.length) {
      const known = this.lines[lines.length];
      const repeated = known !== undefined && repeats(text, start, known);
      const next = repeated ? start + known.length : logicalLineEnd(text, start);
      const line = text.slice(start, next);
      const content = repeated ? this.contents[lines.length]! : this.readLine(line);
      draft.add(line, content);
      lines.push(line);
      contents.push(content);
      start = next;
    }
    this.lines = lines;
    this.contents = contents;
    return draft.finish(readIdentification(ident));
  }

  private readLine(text: string): LineContent {
    const end = trimmedEnd(text, 0, text.length);
    if (end === 0) return { name: null, registers: [] };
    const paren = nameEnd(text, 0, end);
    const name = paren < 0 ? null : this.names.find(text.slice(0, paren));
    if (!name || text.charCodeAt(end - 1) !== closeParen) return { name: null, registers: null };
    const line: DataLine = { text, name, start: paren, end };
    const registers = readers[name.kind](line, this.clock);
    const value = registers?.[0]?.value;
    if (name.identityRank === undefined || !value) return { name, registers };
    return { name, registers, id: decodeEquipmentId(String(value)) };
  }
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

  add(line: string, { name, registers, id }: LineContent): void {
    if (!registers) return this.skip(line.trimEnd());
    for (const register of registers) this.registers.push(register);
    if (!name) return;
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

/** Whether a closed line stands again at `start`, with nothing that would continue it. */
function repeats(text: string, start: number, line: string): boolean {
  return (
    text.startsWith(line, start) &&
    text.charCodeAt(start + line.length) !== openParen &&
    line.charCodeAt(line.length - 3) === closeParen
  );
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
