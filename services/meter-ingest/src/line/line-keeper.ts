import type { SerialSettings } from '@wattbus/meter-protocols';
import { backOffMs } from '../domain/back-off.js';
import { openLine, type Line } from './line.js';

export interface LineEvents {
  readonly onOpen: () => void;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** The line ended or could not be opened; it is tried again. */
  readonly onDown: (reason: string) => void;
}

/** Keeps a port open for ever: one that vanishes is tried again, with back-off. */
export class LineKeeper {
  readonly #port: string;
  readonly #settings: SerialSettings;
  readonly #events: LineEvents;
  #line: Line | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = false;
  #flows = true;

  constructor(port: string, settings: SerialSettings, events: LineEvents) {
    this.#port = port;
    this.#settings = settings;
    this.#events = events;
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

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#line?.close();
  }

  async #open(): Promise<void> {
    try {
      const line = await openLine(this.#port, this.#settings, {
        onBytes: (bytes) => {
          // What opens but never says a byte is no success.
          this.#failures = 0;
          this.#events.onBytes(bytes);
        },
        onEnd: (reason) => this.#down(reason),
      });
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
