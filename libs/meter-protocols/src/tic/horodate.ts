/** A time that a meter states, and whether it calls its clock unreliable. */
export interface Horodate {
  /** ISO 8601 with offset. */
  readonly at: string;
  readonly degraded: boolean;
}

const form = /^([EeHh])(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

/**
 * `SAAMMJJhhmmss` (Enedis-NOI-CPT_54E, §6.2.1.1): `E` in summer (été), `H` in winter (hiver), small
 * letters while the clock runs without being set. Null where it is no date, as before the first
 * peak of a day.
 */
export function readHorodate(text: string, standardOffsetMinutes: number): Horodate | null {
  const match = form.exec(text);
  if (!match) return null;
  const season = match[1]!;
  const [year, month, day, hour, minute, second] = match.slice(2).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = new Date(Date.UTC(2000 + year, month - 1, day, hour, minute, second));
  const isDate = local.getUTCMonth() === month - 1 && local.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return null;
  const summer = season.toUpperCase() === 'E';
  return {
    at: local.toISOString().slice(0, 19) + offset(standardOffsetMinutes + (summer ? 60 : 0)),
    degraded: season !== season.toUpperCase(),
  };
}

/** The other way; `at` is ISO 8601 with an offset, which decides about the season. */
export function formatHorodate(at: string, standardOffsetMinutes: number): string {
  const season = at.endsWith(offset(standardOffsetMinutes)) ? 'H' : 'E';
  return season + at.slice(2, 19).replaceAll(/[-T:]/g, '');
}

function offset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
