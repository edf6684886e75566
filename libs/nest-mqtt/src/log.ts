import { pino, type Logger } from 'pino';
import { LogPace } from './log-pace.js';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** Structured lines on standard output, bounded in rate where a fault may repeat. */
export class Log {
  readonly #pino: Logger;
  readonly #pace = new LogPace();

  constructor(service: string, level: LogLevel | 'silent') {
    this.#pino = pino({ level, base: { service } });
  }

  write(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    this.#pino[level](fields, message);
  }

  /** At most one line a minute for each key, fewer while it goes on; each says what was left out. */
  limited(level: LogLevel, key: string, message: string): void {
    const left = this.#pace.say(key, performance.now());
    if (left !== null) this.write(level, message, left > 0 ? { alsoSuppressed: left } : {});
  }
}
