import type { Reading } from '@wattbus/energy-model';
import type { JournalFault, ReadingDraft } from './journal-event.js';

/** Readings in the order of their drafts, all on the disk; or why none of them is. */
export type Appended = { readonly ok: true; readonly readings: readonly Reading[] } | JournalFault;

export interface Waiting {
  readonly drafts: readonly ReadingDraft[];
  readonly settle: (outcome: Appended) => void;
}

/** Readings that wait for a commit; more are refused, or a stuck disk would eat the memory. */
export const WAITING_READINGS_MAX = 20_000;
/** Readings in one write. */
export const BATCH_READINGS_MAX = 4_096;

/** Drafts in the order in which they came, taken out in batches. */
export class AppendQueue {
  #waiting: Waiting[] = [];
  #readings = 0;

  get readings(): number {
    return this.#readings;
  }

  /** False where the queue is full. */
  put(one: Waiting): boolean {
    if (this.#readings + one.drafts.length > WAITING_READINGS_MAX) return false;
    this.#waiting.push(one);
    this.#readings += one.drafts.length;
    return true;
  }

  /** At least one entry if there is any, whole entries only. */
  takeBatch(): readonly Waiting[] {
    let count = 0;
    let readings = 0;
    for (const { drafts } of this.#waiting) {
      if (count > 0 && readings + drafts.length > BATCH_READINGS_MAX) break;
      count += 1;
      readings += drafts.length;
    }
    this.#readings -= readings;
    return this.#waiting.splice(0, count);
  }
}
