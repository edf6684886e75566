import type { MeterProtocol } from '../meter-protocol.js';
import { readJsonFields } from './fields.js';
import { JsonDecoder } from './json-decoder.js';

/** Throws on a table that `readJsonFields` refuses: configuration is checked before. */
export const json: MeterProtocol = {
  name: 'json',
  title: 'One JSON object a line, its keys quantity names or mapped to them',
  serialSettings: [
    { baudRate: 115200, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  ],
  decoder: ({ fields }) => {
    const read = readJsonFields(fields);
    if (typeof read === 'string') throw new Error(`json: ${read}`);
    return new JsonDecoder(read);
  },
  meters: [
    {
      country: 'any',
      meter: 'Own devices, microcontrollers and gateways that print JSON',
      cable: 'USB serial or TCP',
      gives: 'whatever the keys name',
    },
  ],
};
