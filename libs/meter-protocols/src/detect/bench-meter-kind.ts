import { Buffer } from 'node:buffer';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import type { BenchMeter } from './serial-bench.js';

/** A meter for trials of detection, and what has to be found. */
export interface BenchMeterKind {
  readonly name: string;
  readonly protocol: string;
  readonly settings: SerialSettings;
  readonly options?: DecoderOptions;
  /** Met at another moment, with other noise, for each seed. */
  readonly meterOf: (seed: number) => BenchMeter;
}

export const at = (baudRate: number, form: '8N1' | '8E1' | '7E1' = '8N1'): SerialSettings => ({
  baudRate,
  dataBits: form.startsWith('7') ? 7 : 8,
  parity: form[1] === 'E' ? 'even' : 'none',
  stopBits: 1,
});

export const options: DecoderOptions = { standardOffsetMinutes: 60 };
export const text = (line: string): Uint8Array => Buffer.from(line, 'latin1');
