/**
 * Loaded into a service before its own code (`--import`): kills the process, as kill -9 does, at the
 * place that `CHAOS_KILL_POINT` names. SIGUSR2 takes it back.
 */
import type { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { parseKillPoint, type KillPlace } from './kill-places.js';

const point = parseKillPoint(process.env['CHAOS_KILL_POINT'] ?? '');
let left = point?.nth ?? Infinity;
process.on('SIGUSR2', () => (left = Infinity));

/** The kernel ends the process within the call. */
const die = (): never => process.kill(process.pid, 'SIGKILL') as never;
const isNow = (place: KillPlace): boolean => point?.place === place && (left -= 1) === 0;
const isBefore = (): boolean => point?.phase === 'before';

type Callback = (...args: unknown[]) => void;
type Call = (...args: never[]) => unknown;

/** Dies before the call, or when its work is done but nobody knows yet. */
function withCallback(name: 'fdatasync' | 'ftruncate', place: KillPlace): void {
  const original = fs[name] as (...args: unknown[]) => void;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (!isNow(place)) return original(...args);
      if (isBefore()) die();
      original(...args.slice(0, -1), die as Callback);
    },
  });
}

function withPromise<T extends object>(of: T, name: keyof T & string, place: KillPlace): void {
  const original = (of[name] as Call).bind(of) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(of, {
    [name]: async (...args: unknown[]) => {
      if (!isNow(place)) return original(...args);
      if (isBefore()) die();
      await original(...args);
      die();
    },
  });
}

/** As a power cut does it: some of the bytes are in the file. */
function tearWrites(): void {
  const original = fs.write as (...args: unknown[]) => void;
  Object.assign(fs, {
    write: (...args: [number, Buffer, number, number, number, Callback]) => {
      if (!isNow('write')) return original(...args);
      if (isBefore()) die();
      const [fd, bytes, from, length, position] = args;
      const part = point?.phase === 'torn' ? length >> 1 : length;
      fs.writeSync(fd, bytes, from, part, position);
      die();
    },
  });
}

/** Files that are opened by promises have their calls on the handle. */
function handles(): void {
  const open = fs.promises.open.bind(fs.promises);
  Object.assign(fs.promises, {
    open: async (...args: Parameters<typeof open>) => {
      const handle = await open(...args);
      const append = handle.appendFile.bind(handle);
      handle.appendFile = async (bytes) => {
        if (!isNow('write')) return append(bytes);
        if (isBefore()) die();
        const all = bytes as Buffer;
        await append(point?.phase === 'torn' ? all.subarray(0, all.length >> 1) : all);
        die();
      };
      withPromise(handle, 'datasync', 'sync');
      withPromise(handle, 'sync', 'sync');
      return handle;
    },
  });
}

/** What is said to the broker, to the store and by the broker to its clients. */
function tearMessages(): void {
  const original = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;
  Socket.prototype.write = function (this: Socket, ...args: unknown[]): boolean {
    if (!isNow('send')) return original.apply(this, args);
    if (isBefore()) die();
    const [bytes] = args as [Buffer | string];
    original.call(this, point?.phase === 'torn' ? bytes.slice(0, bytes.length >> 1) : bytes);
    return die();
  };
}

if (point !== null) {
  withCallback('fdatasync', 'sync');
  withCallback('ftruncate', 'remove');
  withPromise(fs.promises, 'rename', 'rename');
  withPromise(fs.promises, 'unlink', 'remove');
  tearWrites();
  handles();
  tearMessages();
  syncBuiltinESMExports();
}
