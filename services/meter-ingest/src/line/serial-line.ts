import type { SerialSettings } from '@wattbus/meter-protocols';
import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import type { Line, LineListener } from './line.js';

/** A serial device or a pty. */
export function openSerialLine(
  path: string,
  settings: SerialSettings,
  { onBytes, onEnd }: LineListener,
): Promise<Line> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, ...settings, autoOpen: false });
    let reason = 'the device is gone; waiting for it to return';
    port.on('data', onBytes);
    port.on('error', (error) => {
      reason = error.message;
    });
    port.open((error) => {
      if (error) return reject(new Error(explain(path, error)));
      port.on('close', () => onEnd(`${path}: ${reason}`));
      resolve({
        close: () => port.close(() => undefined),
        flow: (on) => (on ? port.resume() : port.pause()),
      });
    });
  });
}

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
