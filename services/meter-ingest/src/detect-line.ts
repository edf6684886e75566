import {
  Detector,
  detectMsMax,
  protocols,
  type DecoderOptions,
  type Detected,
  type Heard,
} from '@wattbus/meter-protocols';
import { LineKeeper } from './line/line-keeper.js';

export interface DetectLineSettings {
  /** When to give up; a minute. */
  readonly msMax?: number;
  /** What is being tried, when it changes. */
  readonly onDoing?: (doing: string) => void;
  /** The line could not be opened or ended; it is tried again until the time is over. */
  readonly onDown?: (reason: string) => void;
}

/** Null where no protocol was recognised; then what was heard may say that something is there. */
export interface LineDetection {
  readonly found: Detected | null;
  readonly heard: Heard | null;
}

/** Finds out what hangs on a port, within a minute unless more time is given. */
export function detectLine(
  port: string,
  options: DecoderOptions,
  { msMax = detectMsMax, onDoing, onDown }: DetectLineSettings = {},
): Promise<LineDetection> {
  const detector = new Detector(protocols, options, {}, { msMax });
  let doing = '';
  let waker: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    const step = (bytes: Uint8Array): void => {
      const nowMs = performance.now();
      const output = detector.step({ nowMs, bytes });
      if (output.doing !== doing) onDoing?.(output.doing);
      doing = output.doing;
      clearTimeout(waker);
      if (output.outcome !== null) {
        line.stop();
        const { outcome, heard } = output;
        return resolve({ found: outcome === 'nothing' ? null : outcome, heard });
      }
      line.carryOut(output.effects);
      waker = setTimeout(() => step(nothing), Math.max(1, output.wakeAtMs - nowMs));
    };
    const line = new LineKeeper(port, initialSettings, {
      onOpen: () => step(nothing),
      onBytes: step,
      onDown: (reason) => {
        if (doing === '') {
          line.stop();
          reject(new Error(reason));
        } else onDown?.(reason);
      },
    });
    line.start();
  });
}

const nothing = new Uint8Array(0);
const initialSettings = {
  baudRate: 115_200,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
} as const;
