import type { MeterProtocol } from '../meter-protocol.js';
import { DsmrDecoder } from './dsmr-decoder.js';
import { resealDsmr } from './reseal.js';

export const dsmr: MeterProtocol = {
  name: 'dsmr',
  title: 'DSMR/ESMR P1 2.2 to 5.0, plain and encrypted (RJ12 port)',
  serialSettings: [
    { baudRate: 115200, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 },
  ],
  decoder: (options) => new DsmrDecoder(options),
  reseal: resealDsmr,
  meters: [
    {
      country: 'Netherlands',
      meter: 'Landis+Gyr E350, E360; Kaifa MA105, MA304; Iskra MT382, AM550; Sagemcom T210-D',
      cable: 'P1 USB cable (RJ12, 115200 8N1; DSMR 2 and 3 at 9600 7E1)',
      gives: 'power by phase, tariffs, voltage, failures; gas, water, heat',
    },
    {
      country: 'Belgium',
      meter: 'Sagemcom S211, T211 (Fluvius, Ores, Resa, Sibelga)',
      cable: 'P1 USB cable (RJ12); the port is opened by the grid operator',
      gives: 'power by phase, tariffs, quarter-hour demand, monthly peaks; gas, water',
    },
    {
      country: 'Luxembourg',
      meter: 'Sagemcom T210-D (Smarty)',
      cable: 'P1 USB cable (RJ12), encrypted: key from the grid operator',
      gives: 'power, energy, reactive energy; gas',
    },
    {
      country: 'Austria',
      meter: 'Sagemcom T210-D (Energienetze Steiermark and others)',
      cable: 'P1 USB cable (RJ12), encrypted: keys from the grid operator',
      gives: 'power, energy, reactive energy',
    },
    {
      country: 'Sweden, Finland, Lithuania',
      meter: 'Meters with an RJ12 port: Aidon, Landis+Gyr E360, Sagemcom, Iskra AM550',
      cable: 'P1 USB cable (RJ12)',
      gives: 'power and reactive power by phase, energy, voltage, current',
    },
    {
      country: 'Hungary',
      meter: 'Sanxing and others of E.ON, MVM and OPUS',
      cable: 'P1 USB cable (RJ12); the port is opened by the grid operator',
      gives: 'power in four quadrants, four tariffs, limits',
    },
    {
      country: 'Slovenia, Denmark, Ireland',
      meter: 'Iskra AM550, MT880 and IE.5; Kamstrup Omnipower with a P1 module',
      cable: 'P1 USB cable (RJ12)',
      gives: 'power by phase, tariffs, voltage, current',
    },
  ],
};
