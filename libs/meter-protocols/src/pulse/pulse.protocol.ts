import type { MeterProtocol } from '../meter-protocol.js';
import { PulseDecoder } from './pulse-decoder.js';

export const pulse: MeterProtocol = {
  name: 'pulse',
  title: 'S0 and optical pulses: one byte a pulse, or a control line of the port that is looked at',
  serialSettings: [{ baudRate: 300, dataBits: 8, parity: 'none', stopBits: 1 }],
  intervalS: 300,
  decoder: (options) => new PulseDecoder(options.pulse?.input ?? 'byte'),
  meters: [
    {
      country: 'any',
      meter: 'Meters with an S0 output or a blinking LED; gas and water meters with a contact',
      cable: 'S0 output or optical head between ground and RxD of a serial adapter, 300 8N1',
      gives: 'a register that is counted here; set its start to what the meter shows',
    },
    {
      country: 'any',
      meter: 'Meters with an S0 output or a contact, on a control line (input: cts, dsr or dcd)',
      cable:
        'RS-232 (DB9): S0+ or contact to DTR (pin 4) or RTS (7), which supply it, S0− to CTS (8), ' +
        'DSR (6) or DCD (1); adapters with 5 V or 3.3 V: S0+ to CTS#, DSR# or DCD#, S0− to ground',
      gives: 'the same; pulses and pauses of 30 ms or more, without bounces (RI cannot be read)',
    },
  ],
};
