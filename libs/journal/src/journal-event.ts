import type { Reading } from '@wattbus/energy-model';
import type { DropReason } from './retention.js';

/** A reading before it has its place in the journal. `at` may still be made later. */
export type ReadingDraft = Omit<Reading, 'epoch' | 'seq'>;

/** Why readings were not taken. Nothing of them is in the journal, and no `seq` was used up. */
export interface JournalFault {
  readonly ok: false;
  /** `disk-full` passes by itself once there is space; `overloaded` once the disk has caught up. */
  readonly fault: 'disk-full' | 'io' | 'overloaded' | 'closed';
  /** What went wrong and what to do. */
  readonly detail: string;
}

/** What happened in the journal that a person or an alarm should know; never an exception. */
export type JournalEvent =
  /** Damaged bytes: the readings in them are lost, all others are not. */
  | { readonly kind: 'corrupt'; readonly file: string; readonly offset: number; bytes: number }
  /** The end of a write that a crash cut off; nothing in it had been accepted. */
  | { readonly kind: 'torn'; readonly file: string; readonly offset: number; bytes: number }
  | { readonly kind: 'failed'; readonly fault: JournalFault }
  | { readonly kind: 'retention-near'; readonly usedFraction: number }
  | { readonly kind: 'retention-clear'; readonly usedFraction: number }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly ranges: readonly SeqRange[] };

/** Readings `from`…`to` of a meter, both included. */
export interface SeqRange {
  readonly meter: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Readings of a meter that a limit took before they had reached their age: how many, between which,
 * and when the last of them went. Kept in the journal itself, for good.
 */
export interface LostReadings extends SeqRange {
  readonly count: number;
  readonly at: string;
}

/** Counted since the journal was opened. */
export interface JournalCounters {
  readingsAppended: number;
  readingsFailed: number;
  /** fdatasync calls; readings per sync tells how well commits are grouped. */
  commits: number;
  failuresDiskFull: number;
  failuresIo: number;
  failuresOverloaded: number;
  corruptStretches: number;
  tornBytes: number;
  readingsDroppedByAge: number;
  readingsLost: number;
}

export const noCounts = (): JournalCounters => ({
  readingsAppended: 0,
  readingsFailed: 0,
  commits: 0,
  failuresDiskFull: 0,
  failuresIo: 0,
  failuresOverloaded: 0,
  corruptStretches: 0,
  tornBytes: 0,
  readingsDroppedByAge: 0,
  readingsLost: 0,
});

export function countEvent(counters: JournalCounters, event: JournalEvent): void {
  if (event.kind === 'corrupt') counters.corruptStretches += 1;
  if (event.kind === 'torn') counters.tornBytes += event.bytes;
  if (event.kind === 'failed') {
    const { fault } = event.fault;
    if (fault === 'disk-full') counters.failuresDiskFull += 1;
    if (fault === 'io') counters.failuresIo += 1;
    if (fault === 'overloaded') counters.failuresOverloaded += 1;
  }
  if (event.kind === 'dropped') {
    const readings = event.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (event.reason === 'age') counters.readingsDroppedByAge += readings;
    else counters.readingsLost += readings;
  }
}

const full = new Set(['ENOSPC', 'EDQUOT']);

/** A failed call of the disk as a value. */
export function faultOf(error: unknown, doing: string): JournalFault {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  return full.has(code)
    ? {
        ok: false,
        fault: 'disk-full',
        detail: `${doing}: the disk is full (${code}); free some space, it then goes on by itself`,
      }
    : { ok: false, fault: 'io', detail: `${doing}: ${message}` };
}
