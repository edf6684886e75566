import type { SerialSettings } from '@wattbus/meter-protocols';
import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { watchControlLine } from './control-line.js';
import type { Line, LineListener, Watched } from './line.js';

/** A serial device or a pty. */
export async function openSerialLine(
  path: string,
  settings: SerialSettings,
  listener: LineListener,
  watched?: Watched,
): Promise<Line> {
  const line = new SerialLine(path, listener, watched);
  await line.open(settings);
  return line;
}

class SerialLine implements Line {
  readonly #path: string;
  readonly #listener: LineListener;
  readonly #watched: Watched | undefined;
  #port: SerialPort | null = null;
  #settings: SerialSettings | null = null;
  #flows = true;
  #closed = false;
  #reason = 'the device is gone; waiting for it to return';

  constructor(path: string, listener: LineListener, watched?: Watched) {
    this.#path = path;
    this.#listener = listener;
    this.#watched = watched;
  }

  open(settings: SerialSettings): Promise<void> {
    const port = new SerialPort({ path: this.#path, ...settings, autoOpen: false });
    const { onBytes } = this.#listener;
    const watched = this.#watched;
    // What comes on RxD beside a control line is not looked at.
    port.on('data', (bytes: Buffer) => {
      if (!watched) onBytes(bytes, performance.now());
    });
    port.on('error', (error) => {
      this.#reason = error.message;
    });
    return new Promise((resolve, reject) => {
      port.open((error) => {
        if (error) return reject(new Error(explain(this.#path, error)));
        this.#port = port;
        this.#settings = settings;
        if (!this.#flows) port.pause();
        port.on('close', () => this.#end(port));
        if (watched) {
          watchControlLine(port, watched, {
            onLook: onBytes,
            onFailure: (reason) => {
              this.#reason = reason;
              port.close(() => undefined);
            },
          });
        }
        resolve();
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#port?.close(() => undefined);
  }

  flow(on: boolean): void {
    // Pulses do not wait; they are counted, which fills nothing.
    if (this.#watched) return;
    this.#flows = on;
    if (on) this.#port?.resume();
    else this.#port?.pause();
  }

  send(bytes: Uint8Array): Promise<void> {
    const port = this.#port;
    return new Promise((resolve, reject) => {
      if (!port) return reject(new Error('the line is closed'));
      const done = (error: Error | null | undefined): void => (error ? reject(error) : resolve());
      // Writing fails by the callback of one of both only.
      port.write(Buffer.from(bytes), (error) => (error ? reject(error) : port.drain(done)));
    });
  }

  /** Drivers change the baud rate of an open port; the rest needs a new opening. */
  async set(settings: SerialSettings): Promise<void> {
    const before = this.#settings;
    const port = this.#port;
    if (!before || !port) return;
    const { baudRate } = settings;
    const isSameForm =
      settings.dataBits === before.dataBits &&
      settings.parity === before.parity &&
      settings.stopBits === before.stopBits;
    if (isSameForm && baudRate === before.baudRate) return;
    if (isSameForm) {
      await settled((done) => port.update({ baudRate }, done));
      this.#settings = settings;
      return;
    }
    this.#port = null;
    await settled((done) => port.close(done));
    try {
      await this.open(settings);
    } catch (error) {
      this.#listener.onEnd((error as Error).message);
      return;
    }
    if (this.#closed) this.close();
  }

  #end(port: SerialPort): void {
    if (this.#port !== port) return;
    this.#port = null;
    this.#listener.onEnd(`${this.#path}: ${this.#reason}`);
  }
}

const settled = (start: (done: (error: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });

function explain(path: string, error: Error): string {
  if (!existsSync(path)) {
    return `${path}: no such device; is the cable plugged in? (ls -l /dev/serial/by-id)`;
  }
  if (/permission denied/i.test(error.message)) {
    return `${path}: no right to open it; add this user to the group dialout`;
  }
  if (/lock|busy/i.test(error.message)) {
    return `${path}: another program has it open; stop that program`;
  }
  return `${path}: ${error.message}`;
}
