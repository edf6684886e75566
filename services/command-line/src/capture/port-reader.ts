import type { SerialSettings } from '@wattbus/meter-protocols';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { connect } from 'node:net';
import { ReadStream } from 'node:tty';

/** A port that is only listened to. */
export interface OpenPort {
  readonly source: AsyncIterable<Buffer>;
  close(): void;
}

/** `tcp://host:port`, a serial device or a pty; throws with what to do where it cannot be opened. */
export function openPort(port: string, settings: SerialSettings): OpenPort {
  if (port.startsWith('tcp://')) {
    const { hostname, port: number } = new URL(port);
    const socket = connect(Number(number), hostname);
    return { source: socket, close: () => socket.destroy() };
  }
  setUp(port, settings);
  const descriptor = openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    const source = new ReadStream(descriptor);
    return { source, close: () => source.destroy() };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

const parityFlags = {
  none: ['-parenb'],
  even: ['parenb', '-parodd'],
  odd: ['parenb', 'parodd'],
} as const;

function setUp(port: string, { baudRate, dataBits, parity, stopBits }: SerialSettings): void {
  const fileFlag = process.platform === 'darwin' ? '-f' : '-F';
  const line = [`cs${dataBits}`, ...parityFlags[parity], stopBits === 2 ? 'cstopb' : '-cstopb'];
  const args = [fileFlag, port, String(baudRate), 'raw', '-echo', 'clocal', '-crtscts', ...line];
  try {
    execFileSync('stty', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const reason = stderr?.trim() || (error as Error).message;
    throw new Error(`${port} cannot be set to ${baudRate} baud: ${reason}`);
  }
}
