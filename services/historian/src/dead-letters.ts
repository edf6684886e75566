import { topics } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import type { RejectedPoint } from '@wattbus/time-series';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Two files of this size at most: the current one and the one before. */
export const DEAD_LETTER_BYTES_MAX = 5_000_000;
/** Of one batch so many are shown on the bus; all of them stand in the file. */
const SHOWN_MAX = 20;

/** Points that the store refuses for good: one JSON line each, and a message for people. */
export class DeadLetters {
  readonly path: string;
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
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
    await mkdir(join(this.path, '..'), { recursive: true });
    const size = await stat(this.path).then(
      (file) => file.size,
      () => 0,
    );
    if (size >= DEAD_LETTER_BYTES_MAX) await rename(this.path, `${this.path}.1`);
    const file = await open(this.path, 'a');
    try {
      await file.write(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
      await file.datasync();
    } finally {
      await file.close();
    }
    const { bus, counters, identity, log } = this.#context;
    counters.add('pointsRejected', letters.length);
    log.limited('error', 'dead-letter', `point refused: ${rejected[0]!.reason}; see ${this.path}`);
    const { service, instance } = identity;
    for (const letter of letters.slice(0, SHOWN_MAX)) {
      bus.publish(topics.serviceDeadLetter, { service, instance }, letter);
    }
  }
}
