import type { Fault, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import type { MeterDecoder } from '../meter-protocol.js';
import { lookAtPulseLine, type PulseLine } from './pulse-line.js';
import { isControlLine, s0LengthMsMin, type PulseOptions } from './pulse-options.js';

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
  private readonly isByte: boolean;
  private readonly noise = new NoiseMeter('pulse');
  private offset = 0;
  /** The port may have been opened within a pulse: nothing is known of the line yet. */
  private isHigh = true;

  constructor(input: PulseOptions['input']) {
    this.isByte = input === 'byte';
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    for (const [index, byte] of bytes.entries()) {
      if (this.isByte) results.push(pulse);
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

/** Looks at a control line: a `0` or `1` each, and a time. */
export class PulseLineDecoder {
  private readonly lengthMsMin: number;
  private line: PulseLine | null = null;
  private offset = 0;

  constructor({ lengthMsMin = s0LengthMsMin }: PulseOptions) {
    this.lengthMsMin = lengthMsMin;
  }

  step({ nowMs, bytes }: { nowMs: number; bytes: Uint8Array }): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    for (const byte of bytes) {
      const look = { nowMs, isActive: (byte & 1) === 1 };
      const { line, pulses, tooShort, unseenMs } = lookAtPulseLine(
        this.line,
        look,
        this.lengthMsMin,
      );
      this.line = line;
      if (tooShort) results.push(this.noise(`a pulse of less than ${this.lengthMsMin} ms`));
      if (unseenMs > 0) results.push(this.unseen(unseenMs));
      if (pulses > 0) results.push(pulse);
      this.offset += 1;
    }
    return results;
  }

  private noise(what: string): Fault {
    const detail = `${what} is not counted; set lengthMsMin if the meter has such pulses`;
    return { protocol: 'pulse', fault: 'noise', offset: this.offset, detail };
  }

  private unseen(ms: number): Fault {
    const detail =
      `the line was not looked at for ${Math.round(ms)} ms, in which a pulse may have passed; ` +
      'this machine is busy: wire the pulses to RxD (input: byte) or let it do less';
    return { protocol: 'pulse', fault: 'truncated', offset: this.offset, detail };
  }
}

/** What makes pulses of an input's bytes and their times. */
export function pulseReader(options: PulseOptions): PulseLineDecoder['step'] {
  if (isControlLine(options.input)) {
    const decoder = new PulseLineDecoder(options);
    return (input) => decoder.step(input);
  }
  const decoder = new PulseDecoder(options.input);
  return ({ bytes }) => decoder.push(bytes);
}

/** How many pulses these results of a `PulseDecoder` are. */
export const pulsesIn = (results: readonly (Telegram | Fault)[]): number =>
  results.filter((result) => result === pulse).length;
