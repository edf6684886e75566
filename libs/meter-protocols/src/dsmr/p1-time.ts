/**
 * P1 timestamps, `YYMMDDhhmmssX` (DSMR P1 5.0.2, §6.4): local civil time, `X` being `S` in summer
 * and `W` in winter. DSMR 2 and 3 leave `X` out.
 */
export interface P1Clock {
  readonly standardOffsetMinutes: number;
  /** ISO 8601 offsets, as `+01:00`. */
  readonly winter: string;
  readonly summer: string;
}

export const p1Clock = (standardOffsetMinutes: number): P1Clock => ({
  standardOffsetMinutes,
  winter: isoOffset(standardOffsetMinutes),
  summer: isoOffset(standardOffsetMinutes + 60),
});

const digits = 12;
const zero = 0x30;
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for twelve digits with or without the season: the shape says nothing about the date. */
export function isTimeShaped(text: string): boolean {
  if (text.length !== digits && !(text.length === digits + 1 && seasonOf(text) !== null)) {
    return false;
  }
  for (let index = 0; index < digits; index += 1) {
    const digit = text.charCodeAt(index) - zero;
    if (!(digit >= 0 && digit <= 9)) return false;
  }
  return true;
}

/**
 * ISO 8601 with offset, or null where the text is no date (meters without a clock send zeros).
 * `flaggedSummer` is the meter's own daylight-saving flag, which decides about the hour that
 * October has twice when the timestamp itself carries no season.
 */
export function p1Instant(text: string, clock: P1Clock, flaggedSummer = false): string | null {
  if (!isTimeShaped(text) || !isDate(text)) return null;
  const season = seasonOf(text) ?? (isSummer(text, clock, flaggedSummer) ? 'S' : 'W');
  return (
    `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}` +
    `T${text.slice(6, 8)}:${text.slice(8, 10)}:${text.slice(10, 12)}` +
    (season === 'S' ? clock.summer : clock.winter)
  );
}

function seasonOf(text: string): 'S' | 'W' | null {
  const season = text.charCodeAt(digits);
  if (season === 0x53 || season === 0x73) return 'S';
  return season === 0x57 || season === 0x77 ? 'W' : null;
}

const pair = (text: string, index: number): number =>
  (text.charCodeAt(index) - zero) * 10 + text.charCodeAt(index + 1) - zero;

function isDate(text: string): boolean {
  const month = pair(text, 2);
  const day = pair(text, 4);
  const days = month === 2 && pair(text, 0) % 4 !== 0 ? 28 : monthDays[month - 1];
  if (days === undefined || day < 1 || day > days) return false;
  return pair(text, 6) < 24 && pair(text, 8) < 60 && pair(text, 10) < 60;
}

/**
 * Directive 2000/84/EC: summer time lasts from the last Sunday of March to the last Sunday of
 * October, both at 01:00 UTC. Every country with a P1 port that leaves the season out follows it.
 */
function isSummer(text: string, clock: P1Clock, flaggedSummer: boolean): boolean {
  const year = 2000 + pair(text, 0);
  const [month, day] = [pair(text, 2), pair(text, 4)];
  const hour = pair(text, 6);
  const local = Date.UTC(year, month - 1, day, hour, pair(text, 8));
  const changeMs = (60 + clock.standardOffsetMinutes) * 60_000;
  const endMs = lastSundayMs(year, 10) + changeMs;
  if (local >= endMs && local < endMs + 3_600_000) return flaggedSummer;
  return local >= lastSundayMs(year, 3) + changeMs && local < endMs;
}

function lastSundayMs(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month, 0));
  return lastDay.getTime() - lastDay.getUTCDay() * 86_400_000;
}

function isoOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
