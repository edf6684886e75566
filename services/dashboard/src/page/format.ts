import type { Language } from './i18n.js';

/** Where and for whom numbers and times are written. */
export interface Formats {
  readonly locale: string;
  /** The site's IANA time zone. */
  readonly zone: string;
}

/** A number and its unit apart, since the page sets them in different sizes. */
export interface Figure {
  readonly number: string;
  readonly unit: string;
}

export const join = ({ number, unit }: Figure): string => `${number}\u00a0${unit}`;

/** The browser's own variety of the language (`en-GB`), else the language itself. */
export const localeOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((one) => one.toLowerCase().split('-')[0] === language) ?? language;

const KILO_FROM = 1_000;

/** Size of a power without its sign: direction is told by words. `431 W`, `1.23 kW`, `12.3 kW`. */
export function power(watts: number, { locale }: Formats): Figure {
  const size = Math.round(Math.abs(watts));
  if (size < KILO_FROM) return { number: decimal(size, 0, locale), unit: 'W' };
  return { number: decimal(size / 1_000, size < 9_995 ? 2 : 1, locale), unit: 'kW' };
}

/** Energy, always in kWh so that figures side by side compare. */
export function energy(wattHours: number, { locale }: Formats): Figure {
  const kWh = wattHours / 1_000;
  const size = Math.abs(kWh);
  return { number: decimal(kWh, size < 10 ? 2 : size < 1_000 ? 1 : 0, locale), unit: 'kWh' };
}

/** Litres as m³, the unit on the bill; small amounts of water in litres. */
export function volume(litres: number, { locale }: Formats): Figure {
  if (Math.abs(litres) < 1_000) return { number: decimal(litres, 0, locale), unit: 'L' };
  return { number: decimal(litres / 1_000, 2, locale), unit: 'm³' };
}

export const heat = (joules: number, formats: Formats): Figure => energy(joules / 3_600, formats);

/** CO2: grams, from a kilogram on in kilograms. */
export function mass(grams: number, { locale }: Formats): Figure {
  const size = Math.abs(grams);
  if (size < KILO_FROM) return { number: decimal(grams, 0, locale), unit: 'g' };
  return { number: decimal(grams / 1_000, size < 99_950 ? 1 : 0, locale), unit: 'kg' };
}

export const percent = (share: number, { locale }: Formats): string =>
  number(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);

/** With the decimals that the currency has: `€2.46`, `₩1,234`. */
export const money = (amount: number, currency: string, { locale }: Formats): string =>
  number(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(
    // A credit of less than the smallest coin must not be written as -0.
    Math.abs(amount) < 1e-9 ? 0 : amount,
  );

/** A price of a small thing has two decimals more than its currency: `€0.3012`, `₩301.53`. */
export function price(amount: number, currency: string, { locale }: Formats): string {
  const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
  const { maximumFractionDigits = 2 } = number(locale, options).resolvedOptions();
  const digits = maximumFractionDigits + 2;
  return number(locale, {
    ...options,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}

const AGE_UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `3s ago`, `2분 전`, `now`. */
export function age(ageMs: number, { locale }: Formats): string {
  const [unit, unitMs] = AGE_UNITS.find(([, ms]) => ageMs >= ms) ?? ['second', 1_000];
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' });
  return format.format(-Math.floor(Math.max(0, ageMs) / unitMs) || -0, unit);
}

/** `14:32` in the site's zone. */
export const clock = (atMs: number, formats: Formats): string =>
  date(formats, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs);

/** `14:32:05` in the site's zone. */
export const clockSeconds = (atMs: number, formats: Formats): string =>
  date(formats, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(atMs);

/** `Mar 29`, `3월 29일`. */
export const day = (atMs: number, formats: Formats): string =>
  date(formats, { month: 'short', day: 'numeric' }).format(atMs);

/** `Sunday, March 29`. */
export const longDay = (atMs: number, formats: Formats): string =>
  date(formats, { weekday: 'long', month: 'long', day: 'numeric' }).format(atMs);

export const month = (atMs: number, formats: Formats): string =>
  date(formats, { month: 'long' }).format(atMs);

/** The time alone where it is the same day at the site, else with the date. */
export const when = (atMs: number, nowMs: number, formats: Formats): string =>
  day(atMs, formats) === day(nowMs, formats)
    ? clock(atMs, formats)
    : `${day(atMs, formats)}, ${clock(atMs, formats)}`;

const decimal = (value: number, digits: number, locale: string): string =>
  number(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    value === 0 ? 0 : value,
  );

// Making an Intl format costs a hundred times more than using it; there are few different ones.
const numbers = new Map<string, Intl.NumberFormat>();
function number(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = numbers.get(key) ?? new Intl.NumberFormat(locale, options);
  numbers.set(key, known);
  return known;
}

const dates = new Map<string, Intl.DateTimeFormat>();
function date({ locale, zone }: Formats, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  const known = dates.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  dates.set(key, known);
  return known;
}
