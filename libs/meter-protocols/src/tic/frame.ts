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
const lineEnds = /[\r\n]+/;

/**
 * Reads the text between STX and ETX. Each group has a checksum of its own: a wrong one costs that
 * group, with a warning, and the rest is kept.
 */
export function readFrame(text: string, options: DecoderOptions): FrameContent {
  const draft = new Draft(options);
  let wrongChecksums = 0;
  for (const line of text.split(lineEnds)) {
    if (line === '') continue;
    const group = readGroup(line, options.lenient ?? false);
    if (!('refused' in group)) draft.add(group);
    else {
      if (group.refused === 'checksum') wrongChecksums += 1;
      draft.warn(group.refused === 'unknown' ? group.detail : skippedLineWarning + group.detail);
    }
  }
  const telegram = draft.finish();
  return { telegram, groups: draft.groups + wrongChecksums, wrongChecksums };
}

class Draft {
  groups = 0;
  private readonly options: DecoderOptions;
  private readonly registers: Register[] = [];
  private readonly warnings: string[] = [];
  private readonly labels = new Set<string>();
  private option = '';
  private id: string | undefined;
  private at: string | null = null;

  constructor(options: DecoderOptions) {
    this.options = options;
  }

  warn(warning: string): void {
    if (this.warnings.length < warningsMax) this.warnings.push(warning);
  }

  add({ label, horodate, value, form }: Group): void {
    this.groups += 1;
    this.labels.add(label);
    const time = horodate ? readHorodate(horodate, this.options.standardOffsetMinutes) : null;
    if (idLabels.includes(label)) this.id = String(value);
    if (label === optionLabel) this.option = String(value);
    if (label === clockLabel) {
      this.at = time?.at ?? null;
      if (time?.degraded) this.warn('the meter says that its clock is not reliable');
    }
    this.registers.push({
      ...(form?.obis === undefined ? {} : { obis: form.obis }),
      label,
      value: label === clockLabel ? (time?.at ?? String(horodate)) : value,
      ...(form?.unit === undefined ? {} : { unit: form.unit }),
      ...(time === null || label === clockLabel ? {} : { at: time.at }),
    });
    if (label === statusLabel) this.registers.push(...readStatusRegister(String(value)));
  }

  finish(): Telegram | null {
    if (this.groups === 0) return null;
    for (const label of this.missingRegisters()) {
      this.warn(`${skippedLineWarning}group ${label} is missing`);
    }
    const { warnings, registers, at, id } = this;
    const checked = !warnings.some((warning) => warning.startsWith(skippedLineWarning));
    return { protocol: 'tic', meter: meterOf(id), at, registers, checked, warnings };
  }

  /** Without one of its tariffs the sum of a meter would fall. */
  private missingRegisters(): readonly string[] {
    const known = optionRegisters.find(({ option }) => this.option.startsWith(option));
    return known?.labels.filter((label) => !this.labels.has(label)) ?? [];
  }
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
