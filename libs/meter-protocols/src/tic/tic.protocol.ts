import type { MeterProtocol } from '../meter-protocol.js';
import { TicDecoder } from './tic-decoder.js';

export const tic: MeterProtocol = {
  name: 'tic',
  title: 'Télé-information client (TIC), historique and standard, of French meters',
  serialSettings: [
    { baudRate: 1200, dataBits: 7, parity: 'even', stopBits: 1 },
    { baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 },
  ],
  decoder: (options) => new TicDecoder(options),
  meters: [
    {
      country: 'France',
      meter: 'Linky of Sagemcom, Itron and Landis+Gyr, standard mode',
      cable: 'TIC USB adapter on the terminals I1 and I2 (9600 7E1)',
      gives: 'registers of all tariffs, export, apparent power, voltage, tariff and colour',
    },
    {
      country: 'France',
      meter: 'Linky in historique mode, and the blue electronic meters before it',
      cable: 'TIC USB adapter on the terminals I1 and I2 (1200 7E1)',
      gives: 'registers of the tariffs, apparent power, current, overload warnings',
    },
  ],
};
