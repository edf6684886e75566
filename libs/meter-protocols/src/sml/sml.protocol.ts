import type { MeterProtocol } from '../meter-protocol.js';
import { knownMeters } from './known-meters.js';
import { SmlDecoder } from './sml-decoder.js';

export const sml: MeterProtocol = {
  name: 'sml',
  title: 'SML 1.04 (Germany: the optical INFO port of basic meters and eHZ)',
  serialSettings: [{ baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 }],
  decoder: (options) => new SmlDecoder(options),
  meters: knownMeters,
};
