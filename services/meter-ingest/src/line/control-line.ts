import type { SerialPort } from 'serialport';
import type { Watched } from './line.js';

export interface ControlLineEvents {
  /** A `0` or `1`, and when it was asked for: answers wait while this process is busy. */
  readonly onLook: (state: Uint8Array, atMs: number) => void;
  /** The state cannot be read; it is looked at no more. */
  readonly onFailure: (reason: string) => void;
}

const LOOK_MS_MIN = 1;

/** Looks at a control line of an open port until that is closed; one look at a time. */
export function watchControlLine(
  port: SerialPort,
  { line, everyMs }: Watched,
  { onLook, onFailure }: ControlLineEvents,
): void {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  port.once('close', () => {
    closed = true;
    clearTimeout(timer);
  });
  const look = (): void => {
    const atMs = performance.now();
    port.get((error, status) => {
      if (closed) return;
      if (error || !status) return onFailure(explain(line, error));
      onLook(status[line] ? states.active : states.resting, atMs);
      const waitMs = Math.max(LOOK_MS_MIN, everyMs - (performance.now() - atMs));
      timer = setTimeout(look, waitMs);
    });
  };
  look();
}

const states = { active: Uint8Array.of(1), resting: Uint8Array.of(0) };

function explain(line: string, error: Error | null): string {
  if (/ioctl/i.test(error?.message ?? '')) {
    return `the port has no line ${line}; use a serial adapter, or wire the pulses to RxD`;
  }
  return `the state of ${line} cannot be read: ${error?.message ?? 'no answer'}`;
}
