import { connect } from 'node:net';
import type { Line, LineListener } from './line.js';

const CONNECT_MS_MAX = 10_000;
const KEEP_ALIVE_MS = 15_000;

/** A serial server such as ser2net, or a meter with a network port. */
export function openTcpLine(url: URL, { onBytes, onEnd }: LineListener): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    socket.setTimeout(CONNECT_MS_MAX, () => {
      socket.destroy(new Error(`no answer within ${CONNECT_MS_MAX / 1000} s`));
    });
    let open = false;
    let reason = 'the other side closed the connection';
    socket.on('connect', () => {
      open = true;
      socket.setTimeout(0);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve({
        close: () => socket.destroy(),
        flow: (on) => (on ? socket.resume() : socket.pause()),
        send: (bytes) =>
          new Promise((sent, failed) => {
            socket.write(bytes, (error) => (error ? failed(error) : sent()));
          }),
        set: () => Promise.resolve(),
      });
    });
    socket.on('data', (bytes) => onBytes(bytes, performance.now()));
    socket.on('error', (error) => {
      reason = explain(error, url);
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      if (open) onEnd(reason);
      else reject(new Error(reason));
    });
  });
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the port and that the serial server runs',
  ENOTFOUND: 'no such host; check the name',
  EHOSTUNREACH: 'the host cannot be reached; check the network',
};

function explain(error: NodeJS.ErrnoException, { host }: URL): string {
  return `tcp://${host}: ${advice[error.code ?? ''] ?? error.message}`;
}
