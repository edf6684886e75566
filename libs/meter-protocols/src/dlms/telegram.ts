import type { Register, Telegram } from '@wattbus/energy-model';
import type { Notification } from './apdu.js';
import type { DataItem } from './data-types.js';
import { dataTag } from './data-types.js';
import { formatDateTime, isDateTime } from './cosem-time.js';
import type { Entries, Entry } from './entries.js';
import { collectEntries } from './entries.js';
import {
  idCodes,
  manufacturerOf,
  modelCodes,
  nameCodes,
  systemTitleText,
  versionCodes,
} from './identity.js';
import type { ObisCode } from './obis-code.js';
import { obisCodeOf } from './obis-code.js';
import { hex, isPrintable, textOf } from './octets.js';
import { scaled, scalersFor } from './scaling.js';
import { unitName } from '../framing/physical-units.js';

export const protocolName = 'dlms';

export interface TelegramContext {
  readonly standardOffsetMinutes: number;
  readonly systemTitle: Uint8Array | null;
  readonly checked: boolean;
  readonly warnings: readonly string[];
}

/** A notification as a telegram; null where it carries no value. */
export function readTelegram(
  bytes: Uint8Array,
  notification: Notification,
  context: TelegramContext,
): Telegram | null {
  const collected = collectEntries(bytes, notification.body);
  const entries = collected.isUnknownList
    ? collected.entries
    : nameLooseEntries(bytes, collected.entries);
  const texts = textsByCode(bytes, entries);
  const title = context.systemTitle;
  const manufacturer = findManufacturer(collected, texts, title);
  const model = first(texts, modelCodes);
  const scalers = scalersFor(entries, manufacturer, model);

  // Aidon's clock shows standard time all year, and states a deviation of zero.
  const isZeroIdle = manufacturer === 'Aidon';
  const timeAt = (at: number): string | null =>
    formatDateTime(bytes, at, context.standardOffsetMinutes, isZeroIdle);
  const registers: Register[] = [];
  let clock: string | null = null;
  for (const entry of entries) {
    const register = registerOf(bytes, entry, scalers, timeAt);
    if (register === null) continue;
    if (entry.code?.isClock && typeof register.value === 'string') clock ??= register.value;
    // A list without codes has no better names than places.
    registers.push(
      entry.code === null ? { ...register, label: `value ${registers.length + 1}` } : register,
    );
  }
  if (registers.length === 0) return null;
  // Both times are the same where both have an offset; the head's is the more careful one.
  const head = notification.dateTimeAt < 0 ? null : timeAt(notification.dateTimeAt);
  const id = collected.isNumberless ? undefined : meterNumber(entries, texts, title);
  return {
    protocol: protocolName,
    meter: {
      ...(id ? { id } : {}),
      ...(manufacturer ? { manufacturer } : {}),
      ...(model ? { model } : {}),
    },
    at: head ?? clock,
    registers,
    checked: context.checked,
    warnings: collected.isUnknownList ? [...context.warnings, unknownList] : context.warnings,
  };
}

/**
 * The system title stands for a number that no list has. A list without energies may be one of
 * several, of which another one has the number, so it stays without.
 */
function meterNumber(
  entries: readonly Entry[],
  texts: ReadonlyMap<string, string>,
  title: Uint8Array | null,
): string | undefined {
  const stated = first(texts, idCodes);
  if (stated !== undefined || title === null) return stated;
  const hasEnergy = entries.some(({ code }) => code?.quantity === 'energy');
  return hasEnergy ? systemTitleText(title) : undefined;
}

const unknownList = 'the list has no OBIS codes and its order is not known';

/**
 * Values between the named ones: the first date-time is the clock, a name of a list is its
 * version, the last text the meter's number (Netz Niederösterreich). Numbers such as the id of a
 * push set say nothing and are left out.
 */
function nameLooseEntries(bytes: Uint8Array, entries: readonly Entry[]): readonly Entry[] {
  if (entries.every(({ code }) => code !== null)) return entries;
  return entries.flatMap((entry): Entry[] => {
    const { code, item } = entry;
    if (code !== null) return [entry];
    if (isDateTime(bytes, item)) return [{ ...entry, code: clockCode }];
    const isText =
      (item.tag === dataTag.octetString || item.tag === dataTag.visibleString) &&
      item.end > item.start &&
      isPrintable(bytes, item.start, item.end);
    if (!isText) return [];
    const version = item.tag === dataTag.visibleString || /_V?\d/.test(textOf(bytes, item));
    return [{ ...entry, code: version ? versionCode : meterNumberCode }];
  });
}

const clockCode = obisCodeOf('0-0:1.0.0');
const versionCode = obisCodeOf('1-1:0.2.129');
const meterNumberCode = obisCodeOf('0-0:96.1.0');

/** Texts and numbers that name the meter, by OBIS code. */
function textsByCode(bytes: Uint8Array, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { code, item } of entries) {
    if (code === null || !code.isName || texts.has(code.text)) continue;
    const text = Number.isNaN(item.number) ? textOf(bytes, item) : String(item.number);
    if (text !== '') texts.set(code.text, text);
  }
  return texts;
}

function first(texts: ReadonlyMap<string, string>, codes: readonly string[]): string | undefined {
  for (const code of codes) {
    const text = texts.get(code);
    if (text !== undefined) return text;
  }
  return undefined;
}

function findManufacturer(
  { manufacturer }: Entries,
  texts: ReadonlyMap<string, string>,
  title: Uint8Array | null,
): string | undefined {
  for (const code of [...versionCodes, ...nameCodes]) {
    const known = manufacturerOf(texts.get(code) ?? '');
    if (known) return known;
  }
  return (title ? manufacturerOf(systemTitleText(title)) : undefined) ?? manufacturer;
}

/** Null for a time that is not set and for a quantity without a value. */
function registerOf(
  bytes: Uint8Array,
  { code, item, scaler, unit }: Entry,
  scalers: ReturnType<typeof scalersFor>,
  timeAt: (at: number) => string | null,
): Register | null {
  if (Number.isNaN(item.number)) {
    // Iskraemeco in Vienna leaves reactive power empty; a float may be no number. Unknown, no text.
    const isText = item.start < item.end && isPrintable(bytes, item.start, item.end);
    if (!isText && code !== null && code.quantity !== 'unknown') return null;
    const value = isDateTime(bytes, item) ? timeAt(item.start) : octetsValue(bytes, item);
    return value === null ? null : named(code, value, undefined);
  }
  const power = scaler ?? (code === null ? 0 : (scalers[code.quantity] ?? 0));
  const value = scaled(item.number, power);
  // A float near its limit with a scaler on top is larger than any number.
  if (!Number.isFinite(value)) return null;
  return named(code, value, scaler === null ? code?.unit : unitName(unit ?? 0));
}

function named(code: ObisCode | null, value: number | string, unit: string | undefined): Register {
  if (code === null) return { label: '', value };
  if (code.isHistory) {
    return unit === undefined ? { label: code.text, value } : { label: code.text, value, unit };
  }
  return unit === undefined ? { obis: code.text, value } : { obis: code.text, value, unit };
}

const bitsPerByte = 8;

function octetsValue(bytes: Uint8Array, item: DataItem): string {
  const octets = bytes.subarray(item.start, item.end);
  if (item.tag === dataTag.bitString) {
    return Array.from(octets, (byte) => byte.toString(2).padStart(bitsPerByte, '0')).join('');
  }
  if (item.tag === dataTag.date || item.tag === dataTag.time) return hex(octets);
  return textOf(bytes, item);
}
