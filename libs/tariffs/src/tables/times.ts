import { DateTime } from 'luxon';

/** Formats of local times; ISO 8601, with or without an offset, comes before them. */
const localFormats = [
  'yyyy-MM-dd HH:mm:ss',
  'yyyy-MM-dd HH:mm',
  'yyyy/MM/dd HH:mm:ss',
  'yyyy/MM/dd HH:mm',
  'dd.MM.yyyy HH:mm:ss',
  'dd.MM.yyyy HH:mm',
  'dd-MM-yyyy HH:mm:ss',
  'dd-MM-yyyy HH:mm',
  'yyyy-MM-dd',
];

/**
 * The instants that a time may mean: one; two where the clock shows it twice, the earlier first;
 * none where the text is no time or the clock never shows it.
 */
export function instantsOf(text: string, zone: string): number[] {
  const trimmed = text.trim();
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(trimmed) && trimmed.length > 'yyyy-MM-dd'.length) {
    const at = DateTime.fromISO(trimmed.replace(' ', 'T'));
    return at.isValid ? [at.toMillis()] : [];
  }
  for (const read of readers) {
    const at = read(trimmed, zone);
    if (!at.isValid) continue;
    const wall = read(trimmed, 'utc').toMillis();
    // Where the clock is put forward, luxon moves times that it skips.
    if (at.toMillis() + at.offset * MINUTE_MS !== wall) return [];
    return at
      .getPossibleOffsets()
      .map((one) => one.toMillis())
      .sort((a, b) => a - b);
  }
  return [];
}

const MINUTE_MS = 60_000;

const readers = [
  (text: string, zone: string): DateTime => DateTime.fromISO(text, { zone }),
  ...localFormats.map(
    (format) =>
      (text: string, zone: string): DateTime =>
        DateTime.fromFormat(text, format, { zone }),
  ),
];
