import { pino, type Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** The same kind of message is written at most this often; what was left out is counted. */
const REPEAT_MS_MIN = 60_000;
const KEYS_MAX = 500;

/** Structured lines on standard output, bounded in rate where a fault may repeat. */
export class Log {
  readonly #pino: Logger;
  readonly #lastAt = new Map<string, { atMs: number; left: number }>();

  constructor(service: string, level: LogLevel | 'silent') {
    this.#pino = pino({ level, base: { service } });
  }

  write(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    this.#pino[level](fields, message);
  }

  /** At most one line a minute for each key; the next one says how many were left out. */
  limited(level: LogLevel, key: string, message: string): void {
    const nowMs = performance.now();
    const last = this.#lastAt.get(key);
    if (last && nowMs - last.atMs < REPEAT_MS_MIN) {
      last.left += 1;
      return;
    }
    if (this.#lastAt.size >= KEYS_MAX) this.#lastAt.clear();
    this.#lastAt.set(key, { atMs: nowMs, left: 0 });
    this.write(level, message, last && last.left > 0 ? { alsoSuppressed: last.left } : {});
  }
}
