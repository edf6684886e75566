import type { ConversationOutput, SerialSettings } from '@wattbus/meter-protocols';
import { backOffMs } from '../domain/back-off.js';
import { openLine, type Line, type LineListener, type Watched } from './line.js';

/** A meter that is asked has one question under way; a line that hangs gets no more of them. */
const WAITING_EFFECTS_MAX = 16;

export interface LineEvents {
  readonly onOpen: () => void;
  readonly onBytes: (bytes: Uint8Array, atMs: number) => void;
  /** The line ended or could not be opened; it is tried again. */
  readonly onDown: (reason: string) => void;
}

/** Keeps a port open for ever: one that vanishes is tried again, with back-off. */
export class LineKeeper {
  readonly #port: string;
  #settings: SerialSettings;
  readonly #events: LineEvents;
  readonly #watched: Watched | undefined;
  #line: Line | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = false;
  #flows = true;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(port: string, settings: SerialSettings, events: LineEvents, watched?: Watched) {
    this.#port = port;
    this.#settings = settings;
    this.#events = events;
    this.#watched = watched;
  }

  start(): void {
    void this.#open();
  }

  /** For a line that is open but silent for too long. */
  reopen(): void {
    this.#line?.close();
  }

  /** Holds the sender up, and lets it go on. */
  flow(on: boolean): void {
    this.#flows = on;
    this.#line?.flow(on);
  }

  /** Sends and sets, in order, after what was asked for before; without a line it is dropped. */
  carryOut(effects: ConversationOutput['effects']): void {
    for (const effect of effects) {
      // A line that is opened later is opened with the newest settings.
      if ('settings' in effect) this.#settings = effect.settings;
      if (this.#waiting >= WAITING_EFFECTS_MAX) continue;
      this.#waiting += 1;
      const line = this.#line;
      const carriedOut = this.#work.then(async () => {
        this.#waiting -= 1;
        if (!line || line !== this.#line) return;
        if ('settings' in effect) await line.set(effect.settings);
        else await line.send(effect.send);
      });
      // What cannot be sent to or set is opened anew.
      this.#work = carriedOut.catch(() => line?.close());
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#line?.close();
  }

  async #open(): Promise<void> {
    try {
      const listener: LineListener = {
        onBytes: (bytes, atMs) => {
          // What opens but never says a byte is no success.
          this.#failures = 0;
          this.#events.onBytes(bytes, atMs);
        },
        onEnd: (reason) => this.#down(reason),
      };
      const line = await openLine(this.#port, this.#settings, listener, this.#watched);
      if (this.#stopped) return line.close();
      this.#line = line;
      line.flow(this.#flows);
      this.#events.onOpen();
    } catch (error) {
      this.#down((error as Error).message);
    }
  }

  #down(reason: string): void {
    this.#line = null;
    if (this.#stopped) return;
    this.#failures += 1;
    this.#events.onDown(reason);
    this.#timer = setTimeout(() => void this.#open(), backOffMs(this.#failures, Math.random()));
  }
}
