import { diskFiles, type JournalFile, type JournalFiles } from '@wattbus/journal';
import { topics } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import type { RejectedPoint } from '@wattbus/time-series';
import { dirname, join } from 'node:path';

/** Two files of this size at most: the current one and the one before. */
export const DEAD_LETTER_BYTES_MAX = 5_000_000;
/** Of one batch so many are shown on the bus; all of them stand in the file. */
const SHOWN_MAX = 20;

const LINE_END = 0x0a;

/** Points that the store refuses for good: one JSON line each, and a message for people. */
export class DeadLetters {
  readonly path: string;
  readonly #context: ServiceContext;
  readonly #files: JournalFiles;

  constructor(context: ServiceContext, files: JournalFiles = diskFiles) {
    this.#context = context;
    this.#files = files;
    this.path = join(context.config.dataDir, 'historian', 'dead-letters.jsonl');
  }

  /** On disk when it returns; rejects where the file cannot be written. */
  async put(rejected: readonly RejectedPoint[]): Promise<void> {
    const at = new Date().toISOString();
    const letters = rejected.map(({ point, reason }) => ({
      v: 1 as const,
      at,
      reason,
      point: { ...point },
    }));
    await this.#append(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
    const { bus, counters, identity, log } = this.#context;
    counters.add('pointsRejected', letters.length);
    log.limited('error', 'dead-letter', `point refused: ${rejected[0]!.reason}; see ${this.path}`);
    const { service, instance } = identity;
    for (const letter of letters.slice(0, SHOWN_MAX)) {
      bus.publish(topics.serviceDeadLetter, { service, instance }, letter);
    }
  }

  /** All lines or, after a rejection, none of them. */
  async #append(lines: string): Promise<void> {
    const directory = dirname(this.path);
    await this.#files.makeDirectory(directory);
    const file = await this.#files.open(this.path, 'kept');
    try {
      const size = await file.size();
      if (size === 0) await this.#files.syncDirectory(directory);
      const bytes = Buffer.from(`${await lineEndMissing(file, size)}${lines}`);
      try {
        await file.write(bytes, size);
        await file.sync();
      } catch (error) {
        // The batch is written again with all its letters.
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
      if (size + bytes.length < DEAD_LETTER_BYTES_MAX) return;
    } finally {
      await file.close();
    }
    // Where that fails, the next letter tries again.
    await this.#files.rename(this.path, `${this.path}.1`).catch(() => undefined);
  }
}

/** A line that a kill has cut off would swallow the next one. */
async function lineEndMissing(file: JournalFile, size: number): Promise<string> {
  if (size === 0) return '';
  const last = Buffer.alloc(1);
  await file.read(last, size - 1);
  return last[0] === LINE_END ? '' : '\n';
}
