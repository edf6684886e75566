import type { MeterProtocol } from '../meter-protocol.js';
import { defaultPattern, readLinePattern } from './pattern.js';
import { TextLineDecoder } from './text-line-decoder.js';

/** Throws on a `pattern` that `readLinePattern` refuses: configuration is checked before. */
export const textLine: MeterProtocol = {
  name: 'text-line',
  title: 'One line of text per reading, with a pattern saying which number is what',
  serialSettings: [{ baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 }],
  decoder: (options) => {
    const pattern = readLinePattern(options.pattern ?? defaultPattern);
    if (typeof pattern === 'string') throw new Error(`text-line: ${pattern}`);
    return new TextLineDecoder(pattern);
  },
  meters: [
    {
      country: 'any',
      meter: 'Own pulse counters, microcontrollers and adapters that print numbers',
      cable: 'USB serial, RS-232 or TCP',
      gives: 'whatever the pattern names',
    },
  ],
};
