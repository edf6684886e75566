import nodePty from '@lydell/node-pty';
import { execFileSync } from 'node:child_process';
import { closeSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import type { ReadStream } from 'node:tty';

/** The package's types know only spawned terminals; a bare pair is there at run time. */
const { open } = nodePty as unknown as {
  open: (options: { encoding: null }) => {
    readonly ptsName: string;
    readonly master: ReadStream;
    readonly slave: ReadStream;
  };
};

/** A real pseudo-terminal behind a stable name, as a USB cable behind /dev/serial/by-id. */
export interface Cable {
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
  /** What is sent to the meter. */
  onSent(listener: (bytes: Uint8Array) => void): void;
  /** Plugs it out: the device is gone, whoever reads it hears of that. */
  unplug(): void;
}

/** `raw` is for who writes before the port is opened, which makes it raw, too. */
export function plugIn(path: string, { raw = true } = {}): Cable {
  const { ptsName, master, slave } = open({ encoding: null });
  master.on('error', () => undefined);
  if (raw) execFileSync('stty', ['-F', ptsName, 'raw', '-echo']);
  // Node opens a terminal that it reads from once more; the package never closes the first one.
  const own = (slave as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
  const held = openDescriptors().flatMap(({ fd, path: device }) =>
    device === ptsName && fd !== own ? [fd] : [],
  );
  // It would read what is meant for others; the device stays as long as the master is open.
  slave.destroy();
  rmSync(path, { force: true });
  symlinkSync(ptsName, path);
  return {
    path,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        master.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    onSent: (listener) => {
      master.on('data', listener);
      master.resume();
    },
    unplug: () => {
      rmSync(path, { force: true });
      master.destroy();
      for (const fd of held.splice(0)) closeSync(fd);
    },
  };
}

/** What this process has open, by number. */
export const openDescriptors = (): { readonly fd: number; readonly path: string }[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [{ fd: Number(fd), path: readlinkSync(`/proc/self/fd/${fd}`) }];
    } catch {
      // That of the directory being read.
      return [];
    }
  });
