import type { Register, Telegram } from '@wattbus/energy-model';
import { skippedLineWarning } from '../framing/skipped-line.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { readGroup, type Group } from './group.js';
import { readHorodate } from './horodate.js';
import { clockLabel, idLabels, optionLabel, optionRegisters, statusLabel } from './labels.js';
import { readStatusRegister } from './status-register.js';

export interface FrameContent {
  /** Null where no group of the frame is right. */
  readonly telegram: Telegram | null;
  /** Groups that were begun like one, right or not: 0 tells noise between two control bytes. */
  readonly groups: number;
  readonly wrongChecksums: number;
}

const warningsMax = 16;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** What a line amounts to, whatever frame it stands in. */
interface LineContent {
  readonly registers: readonly Register[];
  readonly label?: string;
  readonly refused?: 'form' | 'checksum' | 'unknown';
  readonly warning?: string;
  readonly id?: string;
  readonly option?: string;
  readonly at?: string | null;
}

/**
 * Reads the text between STX and ETX. Each group has a checksum of its own: a wrong one costs that
 * group, with a warning, and the rest is kept.
 *
 * A meter repeats most groups of a frame in the next one. The lines of the last frame are therefore
 * kept with what they amounted to, and only those that changed are read again.
 */
export class FrameReader {
  private readonly options: DecoderOptions;
  private lines: string[] = [];
  private contents: LineContent[] = [];

  constructor(options: DecoderOptions) {
    this.options = options;
  }

  read(text: string): FrameContent {
    const lines: string[] = [];
    const contents: LineContent[] = [];
    const draft = new Draft();
    for (let start = nextLine(text, 0); start < text.length;) {
      const known = this.lines[lines.length];
      const repeated = known !== undefined && repeats(text, start, known);
      const end = repeated ? start + known.length : lineEnd(text, start);
      const line = repeated ? known : text.slice(start, end);
      const content = repeated ? this.contents[lines.length]! : this.readLine(line);
      draft.add(content);
      lines.push(line);
      contents.push(content);
      start = nextLine(text, end);
    }
    this.lines = lines;
    this.contents = contents;
    return draft.finish();
  }

  private readLine(line: string): LineContent {
    const group = readGroup(line, this.options.lenient ?? false);
    if (!('refused' in group)) return this.contentOf(group);
    const { refused, detail } = group;
    const warning = refused === 'unknown' ? detail : skippedLineWarning + detail;
    return { registers: [], refused, warning };
  }

  private contentOf({ label, horodate, value, form }: Group): LineContent {
    const isClock = label === clockLabel;
    const time = horodate ? readHorodate(horodate, this.options.standardOffsetMinutes) : null;
    const register: Register = {
      ...(form?.obis === undefined ? {} : { obis: form.obis }),
      label,
      value: isClock ? (time?.at ?? String(horodate)) : value,
      ...(form?.unit === undefined ? {} : { unit: form.unit }),
      ...(time === null || isClock ? {} : { at: time.at }),
    };
    const states = label === statusLabel ? readStatusRegister(String(value)) : [];
    return {
      label,
      registers: [register, ...states],
      ...(idLabels.includes(label) ? { id: String(value) } : {}),
      ...(label === optionLabel ? { option: String(value) } : {}),
      ...(isClock ? { at: time?.at ?? null } : {}),
      ...(isClock && time?.degraded
        ? { warning: 'the meter says that its clock is not reliable' }
        : {}),
    };
  }
}

class Draft {
  private groups = 0;
  private wrongChecksums = 0;
  private readonly registers: Register[] = [];
  private readonly warnings: string[] = [];
  private readonly labels = new Set<string>();
  private option = '';
  private id: string | undefined;
  private at: string | null = null;

  add({ registers, label, refused, warning, id, option, at }: LineContent): void {
    if (label !== undefined) {
      this.groups += 1;
      this.labels.add(label);
    }
    if (refused === 'checksum') this.wrongChecksums += 1;
    for (const register of registers) this.registers.push(register);
    if (warning !== undefined) this.warn(warning);
    if (id !== undefined) this.id = id;
    if (option !== undefined) this.option = option;
    if (at !== undefined) this.at = at;
  }

  finish(): FrameContent {
    const { groups, wrongChecksums } = this;
    const telegram = groups === 0 ? null : this.telegram();
    return { telegram, groups: groups + wrongChecksums, wrongChecksums };
  }

  private telegram(): Telegram {
    for (const label of this.missingRegisters()) {
      this.warn(`${skippedLineWarning}group ${label} is missing`);
    }
    const { warnings, registers, at, id } = this;
    const checked = !warnings.some((warning) => warning.startsWith(skippedLineWarning));
    return { protocol: 'tic', meter: meterOf(id), at, registers, checked, warnings };
  }

  /** Without one of its tariffs the sum of a meter would fall. */
  private missingRegisters(): readonly string[] {
    if (this.option === '') return [];
    const known = optionRegisters.find(({ option }) => this.option.startsWith(option));
    return known?.labels.filter((label) => !this.labels.has(label)) ?? [];
  }

  private warn(warning: string): void {
    if (this.warnings.length < warningsMax) this.warnings.push(warning);
  }
}

const isLineEnd = (code: number): boolean => code === carriageReturn || code === lineFeed;

function nextLine(text: string, from: number): number {
  let start = from;
  while (start < text.length && isLineEnd(text.charCodeAt(start))) start += 1;
  return start;
}

function lineEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1;
  return end;
}

function repeats(text: string, start: number, line: string): boolean {
  const end = start + line.length;
  return text.startsWith(line, start) && (end === text.length || isLineEnd(text.charCodeAt(end)));
}

/** Euridis addresses begin with maker, year and type of the meter, two digits each. */
const makers: Readonly<Record<string, string>> = {
  '01': 'Crouzet',
  '02': 'Sagemcom',
  '03': 'Itron',
  '04': 'Landis+Gyr',
  '05': 'Sauter',
  '06': 'Itron',
  '07': 'Maec',
  '08': 'Enerdis',
  '11': 'Honeywell',
};
/** From here on a type is a Linky. */
const linkyTypeFirst = 61;

function meterOf(id: string | undefined): Telegram['meter'] {
  if (id === undefined) return {};
  const match = /^(\d{2})\d{2}(\d{2})\d{6}$/.exec(id);
  const manufacturer = match ? makers[match[1]!] : undefined;
  const isLinky = match !== null && Number(match[2]) >= linkyTypeFirst;
  return {
    id,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(isLinky ? { model: 'Linky' } : {}),
  };
}
