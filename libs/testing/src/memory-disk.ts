import { Buffer } from 'node:buffer';

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
  /** All later calls fail as well, until the power is cut: the machine is dying. */
  readonly lasting?: boolean;
}

/** A file that is open; the calls are those of the files behind our journal and stores. */
export interface MemoryFile {
  size(): Promise<number>;
  read(into: Uint8Array, position: number): Promise<number>;
  write(bytes: Uint8Array, position: number): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  truncate(bytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const begins = { create: 'empty', emptied: 'empty', existing: 'there', kept: 'as it is' } as const;

interface Renamed {
  readonly from: string;
  readonly to: string;
  readonly moved: Stored;
  readonly replaced: Stored | undefined;
}

/**
 * A disk in memory that fails when told to, and that can lose power: what was not synced is then
 * there in part, or not at all. It stands where any part of ours asks for its files.
 */
export class MemoryDisk {
  readonly stored = new Map<string, Stored>();
  calls = 0;
  faults: readonly DiskFault[] = [];
  /** All writes fail with ENOSPC beyond this. */
  bytesMax = Infinity;
  onRead: (bytes: number) => void = () => {};
  /** What no sync of the directory has made durable yet. */
  #renamed: Renamed[] = [];

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

  /** The whole file; null where there is none. */
  async read(path: string): Promise<Buffer | null> {
    this.#call('read');
    return this.stored.get(path)?.content ?? null;
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call('rename');
    const moved = this.stored.get(from);
    if (!moved) throw failure('ENOENT', 'rename');
    const replaced = this.stored.get(to);
    this.#renamed.push({ from, to, moved, replaced });
    this.stored.delete(from);
    this.stored.set(to, moved);
  }

  async remove(path: string): Promise<void> {
    this.#call('remove');
    this.stored.delete(path);
  }

  async syncDirectory(): Promise<void> {
    this.#call('syncDirectory');
    for (const one of this.stored.values()) one.isLinked = true;
    this.#renamed = [];
  }

  async open(path: string, mode: keyof typeof begins): Promise<MemoryFile> {
    this.#call('open');
    const isThere = this.stored.has(path);
    if (begins[mode] === 'empty' || (begins[mode] === 'as it is' && !isThere)) {
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
    this.faults = this.faults.filter(({ lasting }) => !lasting);
    for (const { from, to, moved, replaced } of this.#renamed.splice(0).reverse()) {
      // A name leads to the old file or to the new one, never to none.
      if (keep() >= 0.5) {
        moved.isLinked ||= replaced !== undefined;
        continue;
      }
      this.stored.set(from, moved);
      if (replaced) this.stored.set(to, replaced);
      else this.stored.delete(to);
    }
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

  #file(stored: Stored): MemoryFile {
    const run = (operation: Operation, fraction: number): void => {
      stored.content = applied(stored.content, operation, fraction);
      stored.pending.push(
        'write' in operation && fraction < 1
          ? { ...operation, write: operation.write.subarray(0, operation.write.length * fraction) }
          : operation,
      );
    };
    const file: MemoryFile = {
      append: (bytes) => file.write(bytes, stored.content.length),
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
    return file;
  }

  #call(name: string, onFault: (fault: DiskFault) => void = () => {}): void {
    this.calls += 1;
    const fault = this.faults.find(({ atCall, lasting }) =>
      lasting ? this.calls >= atCall : this.calls === atCall,
    );
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
