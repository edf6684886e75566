import type { Register, Telegram } from '@wattbus/energy-model';
import { decodeEquipmentId } from '../src/framing/equipment-id.js';
import { places, type Place } from './corpus-dsmr-places.js';
import type { StatedValue } from './corpus.js';

/** What a source's own tests say about a telegram, in words of ours. */
export interface Claim {
  readonly about: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
}

/** Items about the telegram as a whole. */
const wholes: Readonly<Record<string, (telegram: Telegram) => string>> = {
  TimeStamp: ({ at }) => String(at),
  'getEquipmentBrandTag()': ({ meter }) => String(meter.manufacturer),
  'getIdent()': ({ meter }) => String(meter.model),
  'isValidCRC()': ({ checked }) => String(checked),
  'telegram.prefix': ({ meter }) => String(meter.manufacturer),
  'getPowerFailureEventLogSize()': ({ registers }) => count(registers, /^1-0:99\.97\.0$/),
  'getMBusEvents().size()': ({ registers }) => count(registers, /^0-[1-9]:24\.[23]\.\d$/),
  Length: ({ registers }) => count(registers, /^1-0:99\.97\.0$/),
};

const count = (registers: readonly Register[], pattern: RegExp): string =>
  String(registers.filter(({ obis }) => pattern.test(obis ?? '')).length);

/** What the source states about one value against what the telegram has; null where not known. */
export function claimOf(source: string, stated: StatedValue, telegram: Telegram): Claim | null {
  const expected = plain(stated);
  const whole = wholes[stated.item ?? ''];
  if (whole) {
    const found = whole(telegram);
    const agrees = same(found, expected) || found === expected.toUpperCase();
    return { about: stated.item!, expected, found, agrees };
  }
  if (stated.item === 'f64::from(&mr)') return anyNumber(stated.item, expected, telegram);
  const place = placeOf(source, stated);
  return place ? registerClaim(place, stated, telegram) : null;
}

function registerClaim([pattern, part]: Place, stated: StatedValue, telegram: Telegram): Claim {
  const registers = telegram.registers.filter(({ obis }) => obis && fits(pattern, obis));
  const expected = part === 'at' && stated.timestamp ? [stated.timestamp] : statedTexts(stated);
  const found = registers.flatMap((register) =>
    part ? [String(register[part] ?? '')] : [String(register.value), register.at ?? ''],
  );
  const unitAgrees = !stated.unit || registers.some(({ unit }) => unit === stated.unit);
  const valueAgrees = expected.every((text) =>
    text === '' ? found.every((other) => other === '') : found.some((other) => same(other, text)),
  );
  const about = `${stated.item ?? String(stated.obis)} at ${pattern}`;
  const agrees = unitAgrees && valueAgrees;
  return { about, expected: expected.join(' | '), found: found.join(' | '), agrees };
}

function anyNumber(about: string, expected: string, { registers }: Telegram): Claim {
  const agrees = registers.some(({ value }) => value === Number(expected));
  return { about, expected, found: agrees ? expected : '', agrees };
}

function placeOf(source: string, { item, obis }: StatedValue): Place | undefined {
  if (obis !== undefined) {
    const code = typeof obis === 'string' ? obis : obis[0]!;
    return [code.replace('n-[1-9]', '0-*').replace('n-0', '*-0').replace('n-n', '*-*')];
  }
  const table = places[source] ?? {};
  const name = item!.replace(/\(\)$/, '');
  if (table[item!] ?? table[name]) return table[item!] ?? table[name];
  const [field, ...rest] = name.split('!.');
  const place = table[field!];
  if (!place || rest.length === 0) return undefined;
  const aspect = rest.at(-1)!;
  return [place[0], aspect === 'Unit' ? 'unit' : aspect === 'DateTime' ? 'at' : undefined];
}

const fits = (pattern: string, obis: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll('*', String.raw`\d+`)}$`).test(
    obis,
  );

/** All that is stated about one object: a reading comes with its time. */
function statedTexts(stated: StatedValue): readonly string[] {
  const { go } = stated;
  if (go === undefined) return [plain(stated)];
  if (go === 'nil' || go.startsWith('events("0"')) return [''];
  const [, digits, , summer] = /^(?:ts|lc|llc).*?"(\d{12})"(, (true|false))?/.exec(go) ?? [];
  const [, number] = /mm\("([\d.]+)"/.exec(go) ?? [];
  if (!digits) return [/"([^"]*)"/.exec(go)?.[1] ?? go];
  const [year, month, day, hour, minute, second] = digits.match(/../g)!;
  const offset = summer === undefined ? '' : summer === 'true' ? '+02:00' : '+01:00';
  const time = `20${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  return number === undefined ? [time] : [time, number];
}

/** The value without the syntax of the language that the source's tests are written in. */
function plain({ value }: StatedValue): string {
  const stated = String(value ?? '').trim();
  const zoned = /^ZonedDateTime\.parse\("([^"[]+)/.exec(stated);
  if (zoned) return zoned[1]!;
  const clock = /^new DateTimeOffset\(([\d, ]+), TimeSpan\.FromHours\((\d)\)\)$/.exec(stated);
  if (clock) return isoOf(clock[1]!.split(',').map(Number), Number(clock[2]));
  if (['nil', 'null', 'string.Empty'].includes(stated)) return '';
  const unquoted = stated.replace(/^@?"(.*)"$/s, '$1').replace(/^OBISUnit\./, '');
  return /^-?[\d.]+[mf]$/.test(unquoted)
    ? unquoted.slice(0, -1)
    : unquoted.replaceAll('\\\\', '\\');
}

function isoOf(numbers: readonly number[], offsetHours: number): string {
  const [year, ...rest] = numbers.map((number) => String(number).padStart(2, '0'));
  return `${year}-${rest[0]}-${rest[1]}T${rest.slice(2).join(':')}+0${offsetHours}:00`;
}

/** Equal as text, as number, as instant, or as the hexadecimal text that the source decodes. */
function same(found: string, expected: string): boolean {
  if (found === expected || decodeEquipmentId(found) === expected) return true;
  if (found === '') return false;
  if (Number(found) === Number(expected)) return true;
  if (!/T\d\d:/.test(found)) return false;
  // A source that states local time without an offset agrees with the civil time as it stands.
  const hasOffset = /(?:Z|[+-]\d\d:\d\d)$/.test(expected);
  if (hasOffset) return Date.parse(found) === Date.parse(expected);
  return found.slice(0, 19) === expected.replace(' ', 'T').slice(0, 19);
}
