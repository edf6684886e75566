import { MeterEvent } from '@wattbus/mqtt-contract';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Kept = z.object({ v: z.literal(1), events: z.array(MeterEvent) });

/** Events that the broker does not have yet, kept over restarts in one small file. */
export class KeptEvents {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'events');
  }

  /** None where nothing is kept, or it is unreadable. */
  read(): readonly MeterEvent[] {
    try {
      return Kept.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).events;
    } catch {
      return [];
    }
  }

  /** Throws where the disk refuses it. */
  write(events: readonly MeterEvent[]): void {
    if (events.length === 0) return rmSync(this.#path, { force: true });
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify({ v: 1, events }), { flush: true });
    renameSync(`${this.#path}.new`, this.#path);
  }

  get #path(): string {
    return join(this.#directory, 'waiting.json');
  }
}
