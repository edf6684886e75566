import type { MeterProtocol } from '../meter-protocol.js';
import { PulseDecoder } from './pulse-decoder.js';

export const pulse: MeterProtocol = {
  name: 'pulse',
  title: 'S0 and optical pulses: one byte a pulse, or the state of a line',
  serialSettings: [{ baudRate: 300, dataBits: 8, parity: 'none', stopBits: 1 }],
  decoder: (options) => new PulseDecoder(options.pulse?.form ?? 'byte'),
  meters: [
    {
      country: 'any',
      meter: 'Meters with an S0 output or a blinking LED; gas and water meters with a contact',
      cable: 'S0 output or optical head between ground and RxD of a serial adapter, 300 8N1',
      gives: 'a register that is counted here; set its start to what the meter shows',
    },
  ],
};
