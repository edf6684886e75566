import nodePty from '@lydell/node-pty';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
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
  /** Plugs it out: the device is gone, whoever reads it hears of that. */
  unplug(): void;
}

export function plugIn(path: string): Cable {
  const { ptsName, master, slave } = open({ encoding: null });
  master.on('error', () => undefined);
  execFileSync('stty', ['-F', ptsName, 'raw', '-echo']);
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
    unplug: () => {
      rmSync(path, { force: true });
      master.destroy();
    },
  };
}
