import type { SerialSettings } from '@wattbus/meter-protocols';
import { openSerialLine } from './serial-line.js';
import { openTcpLine } from './tcp-line.js';

/** An open connection to a meter: bytes come until it ends, and then nothing more. */
export interface Line {
  readonly close: () => void;
  /** While it is off, bytes wait on the way; a fast sender is held up. */
  readonly flow: (on: boolean) => void;
  /** Resolves once the bytes have left. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** After what was sent has left; a line that has no settings ignores it. */
  readonly set: (settings: SerialSettings) => Promise<void>;
}

export interface LineListener {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called once, with what happened and what to do. */
  readonly onEnd: (reason: string) => void;
}

/** Rejects with a reason that a person understands. */
export function openLine(
  port: string,
  settings: SerialSettings,
  listener: LineListener,
): Promise<Line> {
  return port.startsWith('tcp://')
    ? openTcpLine(new URL(port), listener)
    : openSerialLine(port, settings, listener);
}
