import { Buffer } from 'node:buffer';
import type { JournalFile, JournalFiles } from '../src/journal-files.js';

type Operation = { write: Buffer; at: number } | { truncateTo: number };

interface Stored {
  /** What a power cut leaves for sure. */
  durable: Buffer;
  /** What was done since the last sync. */
  pending: Operation[];
  content: Buffer;
  /** The directory was synced after the file was made. */
  isLinked: boolean;
}

/** How a call is made to fail: at which call, counted from 1, with which code. */
export interface DiskFault {
  readonly atCall: number;
  readonly code: string;
  /** A write that fails has written this part of its bytes. */
  readonly writtenFraction: number;
}

/**
 * A disk in memory that fails when told to, and that can lose power: what was not synced is then
 * there in part, or not at all.
 */
export class MemoryDisk implements JournalFiles {
  readonly stored = new Map<string, Stored>();
  calls = 0;
  faults: readonly DiskFault[] = [];
  /** All writes fail with ENOSPC beyond this. */
  bytesMax = Infinity;
  onRead: (bytes: number) => void = () => {};

  bytes(): number {
    return [...this.stored.values()].reduce((sum, { content }) => sum + content.length, 0);
  }

  async makeDirectory(): Promise<void> {}

  async lock(): Promise<() => Promise<void>> {
    return async () => {};
  }

  async list(): Promise<readonly string[]> {
    this.#call('list');
    return [...this.stored.keys()].map((path) => path.split('/').at(-1)!);
  }

  async remove(path: string): Promise<void> {
    this.#call('remove');
    this.stored.delete(path);
  }

  async syncDirectory(): Promise<void> {
    this.#call('syncDirectory');
    for (const one of this.stored.values()) one.isLinked = true;
  }

  async open(path: string, mode: 'create' | 'existing'): Promise<JournalFile> {
    this.#call('open');
    if (mode === 'create') {
      const empty = Buffer.alloc(0);
      const linked = this.stored.get(path)?.isLinked ?? false;
      this.stored.set(path, { durable: empty, pending: [], content: empty, isLinked: linked });
    }
    const stored = this.stored.get(path);
    if (!stored) throw failure('ENOENT', 'open');
    return this.#file(stored);
  }

  /** Power is lost: of what was not synced, `keep` (0…1, a draw per operation) decides. */
  powerCut(keep: () => number): void {
    for (const [path, one] of this.stored) {
      if (!one.isLinked && keep() < 0.5) {
        this.stored.delete(path);
        continue;
      }
      let content = one.durable;
      for (const operation of one.pending) {
        const kept = keep();
        if (kept < 0.3) continue;
        content = applied(content, operation, kept < 0.6 ? (kept - 0.3) / 0.3 : 1);
      }
      Object.assign(one, { content, durable: content, pending: [], isLinked: true });
    }
  }

  #file(stored: Stored): JournalFile {
    const run = (operation: Operation, fraction: number): void => {
      stored.content = applied(stored.content, operation, fraction);
      stored.pending.push(
        'write' in operation && fraction < 1
          ? { ...operation, write: operation.write.subarray(0, operation.write.length * fraction) }
          : operation,
      );
    };
    return {
      size: async () => stored.content.length,
      read: async (into, position) => {
        this.#call('read');
        this.onRead(into.length);
        return stored.content.copy(into, 0, position, position + into.length);
      },
      write: async (bytes, position) => {
        const operation = { write: Buffer.from(bytes), at: position };
        const grown = Math.max(0, position + bytes.length - stored.content.length);
        const room = this.bytesMax - this.bytes();
        if (grown > room) {
          run(operation, Math.max(0, room) / bytes.length);
          throw failure('ENOSPC', 'write');
        }
        this.#call('write', (fault) => run(operation, fault.writtenFraction));
        run(operation, 1);
      },
      truncate: async (bytes) => {
        this.#call('truncate');
        run({ truncateTo: bytes }, 1);
      },
      sync: async () => {
        this.#call('sync', () => {
          // The kernel forgets that the pages are dirty: a later sync does not write them.
          stored.pending = [];
        });
        stored.durable = stored.content;
        stored.pending = [];
      },
      close: async () => {},
    };
  }

  #call(name: string, onFault: (fault: DiskFault) => void = () => {}): void {
    this.calls += 1;
    const fault = this.faults.find(({ atCall }) => atCall === this.calls);
    if (!fault) return;
    onFault(fault);
    throw failure(fault.code, name);
  }
}

function applied(content: Buffer, operation: Operation, fraction: number): Buffer {
  if ('truncateTo' in operation) {
    const cut = Buffer.alloc(operation.truncateTo);
    content.copy(cut);
    return cut;
  }
  const bytes = operation.write.subarray(0, Math.floor(operation.write.length * fraction));
  const next = Buffer.alloc(Math.max(content.length, operation.at + bytes.length));
  content.copy(next);
  bytes.copy(next, operation.at);
  return next;
}

const failure = (code: string, call: string): Error =>
  Object.assign(new Error(`${code}: made to fail, ${call}`), { code });
