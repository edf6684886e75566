import { ranges } from './power-series.js';
import type { Connection } from './connection.js';
import { gridMeters, type PageState } from './state.js';

/** Meters whose sum is the site's power; more have one connection to the grid seldom. */
const METERS_MAX = 8;
/** Without a reply the question is put again; the historian may have been starting. */
const REPLY_MS_MAX = 10_000;
/** Stored values are read anew so often, which heals whatever live values were missed. */
const REFRESH_MS = 300_000;
/** A meter that catches up with days of readings moves faster than the clock; it is followed. */
const FOLLOW_MS = 3_000;

/** Asks the historian for the past of the grid meters, and again when that is due. */
export class History {
  readonly #connection: Connection;
  #asked = nothingAsked();
  #count = 0;
  #unanswered = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** True where a question stayed without a reply. */
  get unanswered(): boolean {
    return this.#unanswered;
  }

  /** The next message must not be taken as already asked for: the connection is a new one. */
  reset(): void {
    this.#asked = nothingAsked();
  }

  /** Asks where something is missing; returns the id of the new question, or null. */
  ask(state: PageState, endMs: number, nowMs: number): string | null {
    const meters = gridMeters(state).slice(0, METERS_MAX);
    if (state.link !== 'online' || meters.length === 0) return null;
    const { range, requestId, stored, newest } = state.series;
    const newestMs = newest?.atMs ?? null;
    this.#asked.newestMs ??= newestMs;
    const what = `${range} ${meters.join(' ')}`;
    const answered = requestId === this.#asked.id && stored.length > 0 && !stored.includes(null);
    const waitMs = answered ? refreshMs(this.#asked.newestMs, newestMs) : REPLY_MS_MAX;
    if (what === this.#asked.what && nowMs - this.#asked.atMs < waitMs) return null;
    this.#unanswered = !answered && what === this.#asked.what;
    this.#count += 1;
    const id = String(this.#count);
    this.#asked = { id, what, atMs: nowMs, newestMs };
    const { spanMs, resolutionS } = ranges[range];
    for (const [i, meter] of meters.entries()) {
      this.#connection.ask({
        id: `${id}.${i}.${meters.length}`,
        meter,
        quantity: 'powerW',
        from: new Date(endMs - spanMs).toISOString(),
        to: new Date(endMs + 1_000).toISOString(),
        resolutionS,
      });
    }
    return id;
  }
}

interface Asked {
  readonly id: string;
  readonly what: string;
  readonly atMs: number;
  /** Meter time of the newest reading then, or of the first one after it. */
  newestMs: number | null;
}

const nothingAsked = (): Asked => ({ id: '', what: '', atMs: 0, newestMs: null });

/** After what time an answer is old, where the meter's time has gone on like this. */
const refreshMs = (fromMs: number | null, toMs: number | null): number =>
  fromMs !== null && toMs !== null && toMs - fromMs >= REFRESH_MS ? FOLLOW_MS : REFRESH_MS;
