import type { Calendar, LocalSpan } from '@wattbus/tariffs';

/** A time as a file states it. */
export interface ClockTime {
  /** Date and time of day as if the clock were UTC's. */
  readonly wallMs: number;
  /** Offset of the clock where it is stated; `null` for a local time. */
  readonly offsetMs: number | null;
}

/** How dates with the year at the end begin. */
export type DateOrder = 'day-first' | 'month-first';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const clock = String.raw`(?:[T ,]+(\d\d?)(?::(\d\d))?(?::(\d\d)(?:[.,]\d+)?)?)?`;
const offset = String.raw`\s*(Z|[+-]\d\d:?\d\d)?`;
const yearFirst = new RegExp(String.raw`^(\d{4})[-/.](\d\d?)[-/.](\d\d?)${clock}${offset}$`);
const yearLast = new RegExp(String.raw`^(\d\d?)([-/.])(\d\d?)[-/.](\d{4})${clock}${offset}$`);
const epoch = /^\d{9,13}(\.\d+)?$/;
const EPOCH_MS_MIN = 1e11;

/** What a date with the year at the end tells of its order; null where it could be either. */
export function orderOf(text: string): DateOrder | null {
  const match = yearLast.exec(text);
  if (!match) return null;
  const [first, separator, second] = [Number(match[1]), match[2], Number(match[3])];
  if (first > 12 || separator === '.') return 'day-first';
  return second > 12 ? 'month-first' : null;
}

/** The time of a text, or null where it is none. Numbers are Unix seconds or milliseconds. */
export function clockTimeOf(text: string, order: DateOrder): ClockTime | null {
  if (epoch.test(text)) {
    const value = Number(text);
    const wallMs = value < EPOCH_MS_MIN ? value * 1000 : value;
    return { wallMs: Math.round(wallMs), offsetMs: 0 };
  }
  const parts = yearFirst.exec(text);
  if (parts) {
    const [, year, month, day, hour, minute, second, zone] = parts;
    return clockTime([year, month, day], [hour, minute, second], zone);
  }
  const last = yearLast.exec(text);
  if (!last) return null;
  const [, first, , second, year, hour, minute, seconds, zone] = last;
  const [day, month] = order === 'day-first' ? [first, second] : [second, first];
  return clockTime([year, month, day], [hour, minute, seconds], zone);
}

type Digits = readonly (string | undefined)[];

function clockTime(date: Digits, time: Digits, zone: string | undefined): ClockTime | null {
  const [year, month, day] = date.map(Number) as [number, number, number];
  const [hour, minute, second] = time.map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
  ];
  const midnightMs = Date.UTC(year, month - 1, day);
  const real = new Date(midnightMs).getUTCDate() === day && month >= 1 && month <= 12;
  if (!real || hour > 24 || minute > 59 || second > 60) return null;
  const wallMs = midnightMs + hour * HOUR_MS + minute * MINUTE_MS + second * 1000;
  return { wallMs, offsetMs: zone === undefined ? null : offsetMsOf(zone) };
}

function offsetMsOf(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.replace(':', '');
  const ms = Number(digits.slice(1, 3)) * HOUR_MS + Number(digits.slice(3, 5)) * MINUTE_MS;
  return digits.startsWith('-') ? -ms : ms;
}

/** Reads local times of a zone. */
export interface ZoneClock {
  /** The instants that a time may mean: none where the clock never shows it, two where twice. */
  instantsOf(time: ClockTime): readonly number[];
}

/** Most days have 24 hours and need no more than their edges, which are asked for once. */
export function createZoneClock(calendar: Calendar): ZoneClock {
  const hours = new Intl.DateTimeFormat('en-GB', {
    timeZone: calendar.zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const spans = new Map<number, LocalSpan>();
  const spanOf = (midnightMs: number): LocalSpan => {
    const span = spans.get(midnightMs) ?? dayNamed(calendar, midnightMs);
    spans.set(midnightMs, span);
    return span;
  };
  return {
    instantsOf: ({ wallMs, offsetMs }) => {
      if (offsetMs !== null) return [wallMs - offsetMs];
      const midnightMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
      const span = spanOf(midnightMs);
      const sinceMs = wallMs - midnightMs;
      const fromStart = span.startMs + sinceMs;
      const fromEnd = span.endMs - (DAY_MS - sinceMs);
      if (fromStart === fromEnd) return [fromStart];
      const wanted = new Date(wallMs).toISOString().slice(11, 16);
      return [fromStart, fromEnd].filter((ms) => hours.format(ms) === wanted).sort((a, b) => a - b);
    },
  };
}

function dayNamed(calendar: Calendar, midnightMs: number): LocalSpan {
  const name = new Date(midnightMs).toISOString().slice(0, 10);
  const near = calendar.dayOf(midnightMs + DAY_MS / 2);
  if (near.name === name) return near;
  return calendar.dayOf(near.name < name ? near.endMs : near.startMs - 1);
}
