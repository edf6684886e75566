/** A time of a meter that is later than all before it. */
export interface LaterTime {
  /** ISO 8601 with the offset of the given time. */
  readonly at: string;
  readonly atMs: number;
  readonly adjusted: boolean;
}

/**
 * Meter time is strictly increasing per meter: `max(at, last + 1 ms)`. Meter and time are a
 * reading's key in the time-series store, so two readings with one time would be one point there.
 */
export function laterTime(at: string, lastAtMs: number | null): LaterTime {
  const atMs = Date.parse(at);
  if (lastAtMs === null || atMs > lastAtMs) return { at, atMs, adjusted: false };
  return { at: withOffsetOf(at, lastAtMs + 1), atMs: lastAtMs + 1, adjusted: true };
}

const MS_PER_MINUTE = 60_000;
const offsetPattern = /([+-])(\d{2}):(\d{2})$/;

function withOffsetOf(example: string, timeMs: number): string {
  const match = offsetPattern.exec(example);
  if (!match) return new Date(timeMs).toISOString();
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  const offsetMs = (match[1] === '-' ? -minutes : minutes) * MS_PER_MINUTE;
  return new Date(timeMs + offsetMs).toISOString().replace('Z', match[0]);
}
