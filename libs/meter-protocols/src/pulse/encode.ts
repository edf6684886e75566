import type { PulseOptions } from './pulse-options.js';

/** The bytes of so many pulses: any byte, or the line going up and down. */
export function encodePulses(count: number, input: PulseOptions['input']): Uint8Array {
  const one = input === 'byte' ? [0xff] : [0x30, 0x31];
  return Uint8Array.from(Array.from({ length: count }, () => one).flat());
}
