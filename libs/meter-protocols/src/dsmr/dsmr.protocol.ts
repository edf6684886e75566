import type { MeterProtocol } from '../meter-protocol.js';
import { DsmrDecoder } from './dsmr-decoder.js';

export const dsmr: MeterProtocol = {
  name: 'dsmr',
  title: 'DSMR/ESMR P1 2.2 to 5.0 (NL, BE, LU, SE, HU, AT, DK, SI and others)',
  serialSettings: [
    { baudRate: 115200, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 },
  ],
  decoder: (options) => new DsmrDecoder(options),
  meters: [],
};
