import type { SerialSettings } from '@wattbus/meter-protocols';
import { parseArgs } from 'node:util';
import { captureHead, captureLine } from '../capture/capture-format.js';
import { openPort } from '../capture/port-reader.js';
import type { Command } from '../command.js';

const options = {
  baud: { type: 'string', default: '115200' },
  format: { type: 'string', default: '8N1' },
  seconds: { type: 'string', default: '60' },
} as const;

/** A day, and what a meter at 115,200 baud cannot send in an hour. */
const secondsMax = 86_400;
const capturedBytesMax = 32 * 1024 * 1024;

export const capture: Command = {
  name: 'capture',
  usage: 'PORT [--baud 115200] [--format 8N1] [--seconds 60] > FILE',
  about: 'record what a meter sends, with times; PORT is a device or tcp://host:port',
  run: async (args) => {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [port, ...more] = positionals;
    if (port === undefined || more.length > 0) throw new Error('give one PORT');
    const settings = settingsOf(values.baud, values.format);
    const seconds = Number(values.seconds);
    if (!(seconds > 0 && seconds <= secondsMax)) {
      throw new Error(`--seconds must be more than 0 and at most ${secondsMax}`);
    }
    const bytes = await record(port, settings, seconds, `${values.baud} ${values.format}`);
    console.error(`${bytes} bytes`);
    return bytes > 0 ? 0 : 1;
  },
};

async function record(
  port: string,
  settings: SerialSettings,
  seconds: number,
  baud: string,
): Promise<number> {
  const open = openPort(port, settings);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    open.close();
  };
  const timer = setTimeout(stop, seconds * 1000);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await print(captureHead({ port, baud, started: new Date().toISOString() }));
  let bytes = 0;
  let firstAtMs: number | null = null;
  try {
    for await (const chunk of open.source) {
      const atMs = performance.now();
      firstAtMs ??= atMs;
      bytes += chunk.length;
      await print(captureLine({ atMs: atMs - firstAtMs, bytes: chunk }));
      if (bytes >= capturedBytesMax) break;
    }
  } catch (error) {
    // Closing a port that is being read ends the reading so; a pulled cable ends the capture.
    if (!stopped) console.error(`${port}: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    open.close();
  }
  return bytes;
}

const print = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });

const parities = { N: 'none', E: 'even', O: 'odd' } as const;

function settingsOf(baud: string, format: string): SerialSettings {
  const match = /^([78])([NEO])([12])$/.exec(format.toUpperCase());
  if (!match) throw new Error('--format must be data bits, parity, stop bits, such as 8N1 or 7E1');
  if (!/^[1-9]\d{1,6}$/.test(baud)) throw new Error('--baud must be a number such as 9600');
  return {
    baudRate: Number(baud),
    dataBits: Number(match[1]) as 7 | 8,
    parity: parities[match[2] as keyof typeof parities],
    stopBits: Number(match[3]) as 1 | 2,
  };
}
