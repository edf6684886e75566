import { isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
import type { Change } from '@wattbus/meter-protocols';
import { mendChecksums } from './mend-checksums.js';

/** What a decoder makes of bytes: the judge of whether a redaction kept all but the ids. */
export type Decode = (bytes: Uint8Array) => readonly (Telegram | Fault)[];

/** Changes what is encrypted, where the keys open it. */
export type Reseal = (bytes: Uint8Array, change: Change) => Uint8Array;

/** With fewer digits behind its zeros an id is found by chance, and names nobody. */
const idDigitsMin = 4;

/** Device ids (groups 0.0, 96.1 and 42.0, EAN codes among them) and a meter's public key. */
const idCode = /:(?:0\.0\.\d+|96\.1\.[0-3]|42\.0\.0|199\.130\.5)$/;
const idLabels: readonly string[] = ['ADCO', 'ADSC', 'PRM', 'Fabrication No'];
/** The first digits of a French meter's address are its maker, year and type. */
const ticAddress = { labels: ['ADCO', 'ADSC'], typeDigits: 6 };

const isId = ({ obis, label }: Register): boolean =>
  obis === undefined ? idLabels.includes(label ?? '') : idCode.test(obis);

interface Id {
  readonly text: string;
  /** So many of its first characters say what the meter is and stay. */
  readonly kept: number;
}

/**
 * The same bytes without what names a meter or its owner: digits of ids become zeros, the last
 * ones tell several ids apart, and checksums that were right are right again. The length stays.
 * Refused with a reason where the result would not decode to the same values.
 */
export function redact(
  bytes: Uint8Array,
  decode: Decode,
  reseal: Reseal = (unchanged) => unchanged,
): { readonly bytes: Uint8Array } | { readonly refused: string } {
  const before = decode(bytes);
  const locked = lockedIn(before);
  if (locked !== null) return { refused: locked };
  const telegrams = before.filter((result): result is Telegram => !isFault(result));
  if (telegrams.length === 0) return { refused: 'no telegram can be read, so no id is known' };
  const { protocol } = telegrams[0]!;
  const ids = [...idsOf(telegrams), ...unnamedIn(protocol, bytes, telegrams)];
  const titles = new Map<string, Uint8Array>();
  const resealed = reseal(bytes, ({ plain, systemTitle }) => {
    const name = Buffer.from(systemTitle).toString('hex');
    if (!titles.has(name)) titles.set(name, maskedTitle(systemTitle, titles.size));
    const changed = mendChecksums(protocol, plain, coveredBy(ids, plain));
    return { plain: changed, systemTitle: titles.get(name)! };
  });
  const mended = mendChecksums(protocol, bytes, coveredBy(ids, resealed));
  return complaint(before, decode(mended), ids) ?? { bytes: mended };
}

function coveredBy(ids: readonly Id[], bytes: Uint8Array): Uint8Array {
  const covered = Uint8Array.from(bytes);
  for (const [index, id] of ids.entries()) {
    for (const form of writtenForms(id.text)) cover(covered, form, maskOf(form, id.kept, index));
  }
  return covered;
}

/** Three letters of the maker, and five octets that hold the serial number in one way or another. */
const makerLetters = 3;

function maskedTitle(title: Uint8Array, index: number): Uint8Array {
  const isText = /^[ -~]+$/.test(Buffer.from(title).toString('latin1'));
  const mask = Uint8Array.from(title).fill(isText ? 0x30 : 0, makerLetters);
  mask[mask.length - 1] = (isText ? 0x30 : 0) + ((index + 1) % 10);
  return mask;
}

/** What stays as it is because no key opens it, or null. */
function lockedIn(results: readonly (Telegram | Fault)[]): string | null {
  const locked = results.filter(isFault).filter(({ fault }) => fault === 'decryption');
  if (locked.length === 0) return null;
  return (
    `${locked.length} of ${results.length} telegrams stay encrypted: their system title, which ` +
    'holds the serial number, and all that is inside cannot be changed; give the right --key (and ' +
    '--auth-key)'
  );
}

function idsOf(telegrams: readonly Telegram[]): readonly Id[] {
  const ids = new Map<string, Id>();
  for (const { meter, registers } of telegrams) {
    const stated = registers
      .filter((register) => isId(register) && register.value !== meter.model)
      .map(({ label, value }) => ({
        text: String(value),
        kept: ticAddress.labels.includes(label ?? '') ? ticAddress.typeDigits : 0,
      }));
    const id = meter.id ?? '';
    const own = { text: id, kept: plateId.test(id) ? plateTypeDigits : 0 };
    for (const one of [...stated, own]) {
      const digits = one.text.replace(/^[^1-9A-Fa-f]+/, '').length;
      if (digits >= idDigitsMin && !isCovered(one) && !ids.has(one.text)) ids.set(one.text, one);
    }
  }
  return [...ids.values()];
}

/** Lines of people's own making: what no pattern or field names may be a serial number as well. */
const ownLines: readonly string[] = ['text-line', 'json'];
const unnamedDigits = /\d{6,}/g;

function unnamedIn(
  protocol: string,
  bytes: Uint8Array,
  telegrams: readonly Telegram[],
): readonly Id[] {
  if (!ownLines.includes(protocol)) return [];
  const significant = (digits: string): string => digits.replaceAll(/^0+|0+$/g, '');
  const values = new Set(
    telegrams
      .flatMap(({ registers }) => registers)
      .flatMap(({ value }) => String(value).match(/\d+/g) ?? [])
      .map(significant),
  );
  const runs = new Set(Buffer.from(bytes).toString('latin1').match(unnamedDigits) ?? []);
  return [...runs]
    .filter((run) => significant(run) !== '' && !values.has(significant(run)))
    .map((text) => ({ text, kept: 0 }))
    .filter((id) => !isCovered(id));
}

/** The identification on a meter's plate: `1`, maker, block and number (DIN 43863-5). */
const plateId = /^1([A-Z]{3})([0-9A-F]{2})(\d{8,10})$/;
const plateTypeDigits = 6;

function isCovered({ text, kept }: Id): boolean {
  const serial = (isHexText(text) ? Buffer.from(text, 'hex').toString('latin1') : text).slice(kept);
  return maskText(serial, '0') === serial.replace(/\d(?=\D*$)/, '0');
}

interface WrittenForm {
  readonly kind: 'text' | 'hex-text' | 'octets' | 'bcd';
  readonly bytes: Uint8Array;
}

/** An id as it may stand in a telegram. */
function writtenForms(id: string): readonly WrittenForm[] {
  const text = Buffer.from(id, 'latin1');
  if (isHexText(id)) return [{ kind: 'hex-text', bytes: text }];
  const hex = text.toString('hex');
  const forms: WrittenForm[] = [
    // P1 writes texts as the hexadecimal digits of their characters (DSMR P1 5.0.2, §6.4).
    { kind: 'hex-text', bytes: Buffer.from(hex.toUpperCase(), 'latin1') },
    { kind: 'hex-text', bytes: Buffer.from(hex, 'latin1') },
    { kind: 'text', bytes: text },
  ];
  if (/^(?:[0-9A-Fa-f]{2}){4,}$/.test(id)) {
    forms.push({ kind: 'octets', bytes: Buffer.from(id, 'hex') });
  }
  // M-Bus: the identification number, least significant digits first (EN 13757-3, §6.3.1).
  if (/^[0-9A-F]{5,8}$/.test(id)) {
    const octets = Buffer.from(id.padStart(8, '0'), 'hex').reverse();
    forms.push({ kind: 'bcd', bytes: octets });
  }
  // SML writes maker, block and number as octets.
  const plate = plateId.exec(id);
  if (plate && Number(plate[3]) <= 0xffffffff) {
    const octets = Buffer.alloc(8);
    octets.write(plate[1]!, 'latin1');
    octets[3] = parseInt(plate[2]!, 16);
    octets.writeUInt32BE(Number(plate[3]), 4);
    forms.push({ kind: 'octets', bytes: octets });
  }
  return forms;
}

const isHexText = (id: string): boolean =>
  /^(?:[2-7][0-9A-Fa-f]){6,}$/.test(id) && !/^\d{1,16}$/.test(id);

/** Makers stand in the first octets of an id; a key has nothing to keep. */
const idOctetsMax = 10;
const serialOctets = 4;

function maskOf({ kind, bytes }: WrittenForm, kept: number, index: number): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const digit = String((index + 1) % 10);
  if (kind === 'text') {
    const masked = text.slice(0, kept) + maskText(text.slice(kept), digit);
    return Buffer.from(masked, 'latin1');
  }
  if (kind === 'hex-text') {
    const masked = Buffer.from(
      maskText(Buffer.from(text, 'hex').toString('latin1'), digit),
      'latin1',
    );
    const hex = masked.toString('hex');
    return Buffer.from(text === text.toUpperCase() ? hex.toUpperCase() : hex, 'latin1');
  }
  const mask = Buffer.alloc(bytes.length);
  if (kind === 'bcd') mask[0] = Number(digit);
  else {
    if (/^[ -~]+$/.test(text)) return Buffer.from(maskText(text, digit), 'latin1');
    const maker = bytes.length > idOctetsMax ? 0 : bytes.length - serialOctets;
    mask.set(bytes.subarray(0, maker));
    mask[mask.length - 1] = Number(digit);
  }
  return mask;
}

const maskText = (text: string, digit: string): string =>
  text.replaceAll(/\d/g, '0').replace(/0(?=\D*$)/, digit);

function cover(bytes: Uint8Array, { bytes: wanted }: WrittenForm, mask: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = view.indexOf(wanted);
  while (at >= 0) {
    bytes.set(mask, at);
    at = view.indexOf(wanted, at + wanted.length);
  }
}

/** Null where both decode to the same but for their ids. */
function complaint(
  before: readonly (Telegram | Fault)[],
  after: readonly (Telegram | Fault)[],
  ids: readonly Id[],
): { readonly refused: string } | null {
  const same = before.every((result, index) => {
    const other = after[index];
    return other && JSON.stringify(result) === JSON.stringify(withIdsOf(result, other, ids));
  });
  if (!same || before.length !== after.length) {
    return { refused: 'the result would not decode to the same values' };
  }
  const texts = JSON.stringify(after);
  const left = ids.filter(({ text }) => texts.includes(text));
  return left.length === 0 ? null : { refused: 'an id is not written in a way that is known' };
}

/** The other result, with what is or holds an id in the first one put back. */
function withIdsOf(
  result: Telegram | Fault,
  other: Telegram | Fault,
  ids: readonly Id[],
): Telegram | Fault {
  if (isFault(other)) return isFault(result) ? { ...other, detail: result.detail } : other;
  if (isFault(result)) return other;
  const names = ({ value }: Register): boolean =>
    ids.some(({ text }) => String(value).includes(text.replace(/^0+/, '')));
  return {
    ...other,
    meter: { ...other.meter, ...result.meter },
    registers: other.registers.map((register, index) => {
      const stated = result.registers[index];
      return stated && (isId(stated) || names(stated))
        ? { ...register, value: stated.value }
        : register;
    }),
  };
}
