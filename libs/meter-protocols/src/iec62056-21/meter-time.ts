/** Season digits of VDEW time stamps; `null` stands for a time without one. */
type Season = 'standard' | 'summer' | 'utc' | null;

const seasons: Readonly<Record<string, Season>> = { 0: 'standard', 1: 'summer', 2: 'utc' };
const suffixes: Readonly<Record<string, Season>> = { W: 'standard', S: 'summer' };

/** Digits of a time stamp by their number: with or without the season first, and seconds last. */
const stamp =
  /^(?:(\d)(?=(?:\d{2}){5,6}[SWsw]?$))?(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?([SWsw])?$/;
const written = /^(?:(\d{2})?(\d{2}))-(\d{2})-(\d{2})[ T&]+(\d{2}):(\d{2})(?::(\d{2}))?$/;

/**
 * `YYMMDDhhmm[ss]` with a leading season digit (VDEW-Lastenheft 2.1, §5.3.2), a trailing `S` or `W`,
 * or neither; or `[YY]YY-MM-DD hh:mm[:ss]`. ISO 8601 with offset, or null where it is no date.
 */
export function readStamp(text: string, standardOffsetMinutes: number): string | null {
  const digits = stamp.exec(text);
  if (digits) {
    const [, season, year, month, day, hour, minute, second, suffix] = digits;
    const known = season ? seasons[season] : suffix ? suffixes[suffix.toUpperCase()] : null;
    if (known === undefined) return null;
    const fields = [year, month, day, hour, minute, second ?? '0'].map(Number);
    return formatTime(fields, known, standardOffsetMinutes);
  }
  const match = written.exec(text);
  if (!match) return null;
  const fields = [2, 3, 4, 5, 6, 7].map((group) => Number(match[group] ?? 0));
  return formatTime(fields, null, standardOffsetMinutes);
}

const dateDigits = /^(\d)?(\d{2})(\d{2})(\d{2})$/;
const dateWritten = /^(?:20)?(\d{2})-(\d{2})-(\d{2})$/;
const timeDigits = /^(\d)?(\d{2}):?(\d{2}):?(\d{2})?$/;

/** The meter's clock from 0.9.1 (`[S]hhmmss`, `hh:mm:ss`) and 0.9.2 (`[S]YYMMDD`, `YY-MM-DD`). */
export function readClock(
  time: string,
  date: string,
  standardOffsetMinutes: number,
): string | null {
  const clock = timeDigits.exec(time);
  const numbers = dateDigits.exec(date);
  const day = numbers?.slice(2) ?? dateWritten.exec(date)?.slice(1);
  if (!clock || !day) return null;
  const season = clock[1] ?? numbers?.[1];
  const known = season === undefined ? null : seasons[season];
  if (known === undefined) return null;
  const fields = [...day, ...clock.slice(2)].map((field) => Number(field ?? 0));
  return formatTime(fields, known, standardOffsetMinutes);
}

/** The same time so many minutes later, in the same offset. */
export function laterBy(iso: string, minutes: number): string {
  const offset = iso.endsWith('Z') ? 'Z' : iso.slice(-6);
  const shift = offset === 'Z' ? 0 : offsetMinutesOf(offset);
  const local = new Date(Date.parse(iso) + (minutes + shift) * 60_000).toISOString();
  return local.slice(0, 19) + offset;
}

function offsetMinutesOf(offset: string): number {
  const size = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -size : size;
}

function formatTime(
  fields: readonly number[],
  season: Season,
  standardOffsetMinutes: number,
): string | null {
  const [year, month, day, hour, minute, second] = fields as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = new Date(Date.UTC(2000 + year, month - 1, day, hour, minute, second));
  // A day that the month does not have, or an hour of 24, comes out as another date.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day || hour > 23) return null;
  if (minute > 59 || second > 59) return null;
  const text = local.toISOString().slice(0, 19);
  if (season === 'utc') return `${text}Z`;
  const summer = season === null ? isSummer(local, standardOffsetMinutes) : season === 'summer';
  return text + formatOffset(standardOffsetMinutes + (summer ? 60 : 0));
}

/** Directive 2000/84/EC: last Sunday of March to last Sunday of October, both at 01:00 UTC. */
function isSummer(local: Date, standardOffsetMinutes: number): boolean {
  const utcMs = local.getTime() - standardOffsetMinutes * 60_000;
  const year = local.getUTCFullYear();
  return utcMs >= lastSundayMs(year, 3) && utcMs < lastSundayMs(year, 10);
}

function lastSundayMs(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month, 0, 1));
  return lastDay.getTime() - lastDay.getUTCDay() * 86_400_000;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
