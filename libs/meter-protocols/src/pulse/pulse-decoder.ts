import type { Fault, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import type { MeterDecoder } from '../meter-protocol.js';
import type { PulseOptions } from './pulse-options.js';

const pulseLabel = 'pulse';

/** One pulse. It says nothing about the ones before: whoever keeps the counter adds it. */
const pulse: Telegram = {
  protocol: 'pulse',
  meter: {},
  at: null,
  registers: [{ label: pulseLabel, value: 1 }],
  checked: false,
  warnings: [],
};

/** By the low bit, so that the characters `0` and `1` and the numbers are the same. */
const states: readonly number[] = [0x00, 0x01, 0x30, 0x31];
const lineEnds: readonly number[] = [0x0a, 0x0d, 0x20];

export class PulseDecoder implements MeterDecoder {
  private readonly form: PulseOptions['form'];
  private readonly noise = new NoiseMeter('pulse');
  private offset = 0;
  /** The port may have been opened within a pulse: nothing is known of the line yet. */
  private isHigh = true;

  constructor(form: PulseOptions['form']) {
    this.form = form;
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    for (const [index, byte] of bytes.entries()) {
      if (this.form === 'byte') results.push(pulse);
      else if (states.includes(byte)) {
        const isHigh = (byte & 1) === 1;
        if (isHigh && !this.isHigh) results.push(...this.noise.report(), pulse);
        this.isHigh = isHigh;
      } else if (!lineEnds.includes(byte)) {
        results.push(...this.noise.skip(bytes.subarray(index, index + 1), this.offset + index));
      }
    }
    this.offset += bytes.length;
    return results;
  }
}

/** How many pulses these results of a `PulseDecoder` are. */
export const pulsesIn = (results: readonly (Telegram | Fault)[]): number =>
  results.filter((result) => result === pulse).length;
