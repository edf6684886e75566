import { MemoryDisk, type DiskFault } from './memory-disk.js';

/** `keep`: the part of what was not synced that a power cut leaves: nothing, something torn, all. */
const shapes = [
  { code: 'ENOSPC', part: 0.5, lasting: false, keep: 1 },
  { code: 'EIO', part: 0, lasting: false, keep: 1 },
  { code: 'EIO', part: 1, lasting: false, keep: 1 },
  { code: 'EIO', part: 0, lasting: true, keep: 0 },
  { code: 'EIO', part: 0.5, lasting: true, keep: 0.45 },
  { code: 'EIO', part: 1, lasting: true, keep: 1 },
] as const;

/** How `run` is to see the disk after its fault: as it lies there, or after the power was cut. */
export interface FaultyRun {
  readonly disk: MemoryDisk;
  /** To be put into the message of whatever fails. */
  readonly what: string;
  readonly isPowerCut: boolean;
  /** What follows must find a disk that works. */
  end(): void;
}

/**
 * Runs it with a disk whose 1st call fails, then its 2nd, its 3rd …, until one run meets no fault:
 * each call of write, sync, rename … fails once in each shape, and at each one the power is cut.
 * Resolves with the number of faults that were met.
 */
export async function withEachFault(run: (one: FaultyRun) => Promise<void>): Promise<number> {
  let met = 0;
  for (const { code, part, lasting, keep } of shapes) {
    for (let atCall = 1; ; atCall += 1) {
      const disk = new MemoryDisk();
      const fault: DiskFault = { atCall, code, writtenFraction: part, lasting };
      disk.faults = [fault];
      const end = (): void => {
        disk.faults = [];
        if (lasting) disk.powerCut(() => keep);
      };
      const what = `${lasting ? `power cut, ${keep} kept` : code} at call ${atCall}, ${part} written`;
      await run({ disk, what, isPowerCut: lasting, end });
      if (disk.calls < atCall) break;
      met += 1;
    }
  }
  return met;
}
