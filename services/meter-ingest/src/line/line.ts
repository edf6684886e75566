import type { ControlLine, SerialSettings } from '@wattbus/meter-protocols';
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
  /** What came, and when (monotonic milliseconds). */
  readonly onBytes: (bytes: Uint8Array, atMs: number) => void;
  /** Called once, with what happened and what to do. */
  readonly onEnd: (reason: string) => void;
}

/** A control line whose state is what comes, a `0` or `1` at each look, in place of bytes. */
export interface Watched {
  readonly line: ControlLine;
  readonly everyMs: number;
}

/** Rejects with a reason that a person understands. */
export function openLine(
  port: string,
  settings: SerialSettings,
  listener: LineListener,
  watched?: Watched,
): Promise<Line> {
  return port.startsWith('tcp://')
    ? openTcpLine(new URL(port), listener)
    : openSerialLine(port, settings, listener, watched);
}
