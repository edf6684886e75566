import nodePty from '@lydell/node-pty';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, symlinkSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import type { Transport } from './transport.js';

/** The package's types know only spawned terminals; a bare pair is there at run time. */
const { open } = nodePty as unknown as { open: (options: { encoding: null }) => PtyPair };

interface PtyPair {
  readonly ptsName: string;
  readonly master: ReadStream;
  readonly slave: ReadStream;
}

/** A pseudo-terminal; `link` points at its device, as /dev/serial/by-id does at a real one. */
export async function openPtyTransport(link: string): Promise<Transport> {
  const pair = open({ encoding: null });
  pair.master.on('error', () => undefined);
  // A new terminal would echo and translate line ends until its reader sets it up.
  execFileSync('stty', ['-F', pair.ptsName, 'raw', '-echo']);
  // The device is kept open so that readers may come and go. The library's own end of it would
  // take the first bytes for itself.
  const kept = openSync(pair.ptsName, constants.O_RDWR | constants.O_NOCTTY);
  pair.slave.destroy();
  rmSync(link, { force: true });
  symlinkSync(pair.ptsName, link);
  return Promise.resolve({
    address: link,
    write: (bytes) =>
      new Promise<void>((resolve, reject) => {
        pair.master.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    reader: () => Promise.resolve(),
    close: () => {
      rmSync(link, { force: true });
      closeSync(kept);
      pair.master.destroy();
      return Promise.resolve();
    },
  });
}
