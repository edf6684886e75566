import { Detector, protocols, type DecoderOptions, type Detected } from '@wattbus/meter-protocols';
import { LineKeeper } from './line/line-keeper.js';

export interface DetectLineEvents {
  /** What is being tried, when it changes. */
  readonly onDoing?: (doing: string) => void;
  /** The line could not be opened or ended; it is tried again until the time is over. */
  readonly onDown?: (reason: string) => void;
}

/** Finds out what hangs on a port, within a minute; `nothing` where no protocol was recognised. */
export function detectLine(
  port: string,
  options: DecoderOptions,
  { onDoing, onDown }: DetectLineEvents = {},
): Promise<Detected | 'nothing'> {
  const detector = new Detector(protocols, options);
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
        return resolve(output.outcome);
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
