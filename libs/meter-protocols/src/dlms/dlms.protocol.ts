import type { KnownMeter, MeterProtocol } from '../meter-protocol.js';
import { DlmsDecoder } from './link-decoder.js';
import { resealDlms } from './reseal.js';
import { protocolName } from './telegram.js';

const mbus = 'M-Bus slave adapter (HAN/CII port), 2400 baud';
const p1 = 'P1 cable (RJ12)';

const meters: readonly KnownMeter[] = [
  {
    country: 'Norway',
    meter: 'Aidon 6515, 6525, 6534, 6550',
    cable: mbus,
    gives: 'power, voltages, currents; energy hourly',
  },
  {
    country: 'Norway',
    meter: 'Kaifa MA105H2E, MA304H3E, MA304T3, MA304T4',
    cable: mbus,
    gives: 'power every 2 s, voltages, currents; energy hourly',
  },
  {
    country: 'Norway',
    meter: 'Kamstrup Omnipower 6861, 6841',
    cable: mbus,
    gives: 'power, voltages, currents; energy hourly',
  },
  {
    country: 'Norway',
    meter: 'Landis+Gyr ZMF100 (EMBRIQ)',
    cable: mbus,
    gives: 'power, voltages, currents, energy',
  },
  {
    country: 'Sweden',
    meter: 'Aidon 6534, Kaifa MA304H4, Kamstrup Omnipower',
    cable: mbus,
    gives: 'power, phases, voltages, currents, energy',
  },
  {
    country: 'Denmark',
    meter: 'Kamstrup Omnipower (encrypted)',
    cable: mbus,
    gives: 'power, phases, voltages, currents, energy',
  },
  {
    country: 'Switzerland',
    meter: 'Landis+Gyr E450, E570; Kamstrup Omnipower; Iskraemeco AM550',
    cable: `${mbus}; AM550: ${p1}`,
    gives: 'power, energy by tariff, reactive energy, currents',
  },
  {
    country: 'Austria (West, Netz NÖ)',
    meter: 'Kaifa MA110, MA309; Sagemcom T210-D, S210 (encrypted)',
    cable: 'M-Bus slave adapter, 2400 8E1',
    gives: 'power, voltages, currents, energy, power factor',
  },
  {
    country: 'Austria (Wien, Burgenland, Kärnten, Graz)',
    meter: 'Landis+Gyr E450, Iskraemeco AM550, Siemens IM350 (encrypted)',
    cable: `optical head 9600, ${mbus} or ${p1}`,
    gives: 'power, energy, reactive energy',
  },
  {
    country: 'Slovenia',
    meter: 'Iskraemeco AM550, Landis+Gyr E450',
    cable: p1,
    gives: 'power, phases, voltages, currents, energy by tariff',
  },
  {
    country: 'Croatia',
    meter: 'Iskraemeco AM550, IE.5',
    cable: p1,
    gives: 'power, phases, voltages, currents, energy by tariff',
  },
  {
    country: 'Czech Republic, Poland, Cyprus',
    meter: 'Sagemcom XT211, Landis+Gyr E450',
    cable: 'RS-485 (HAN port) 9600, optical head',
    gives: 'power by phase, energy by tariff, tariff, relays',
  },
];

/**
 * DLMS/COSEM push: data- and event-notifications (IEC 62056-5-3) over HDLC, over the frames of
 * wired M-Bus, in the UDP wrapper or bare, plain or ciphered.
 */
export const dlms: MeterProtocol = {
  name: protocolName,
  title: 'DLMS/COSEM push over HDLC, M-Bus frames or bare: HAN, CII and customer ports',
  serialSettings: [
    { baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 1 },
    { baudRate: 2400, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 115200, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    { baudRate: 38400, dataBits: 8, parity: 'none', stopBits: 1 },
  ],
  decoder: (options) => new DlmsDecoder(options),
  reseal: resealDlms,
  meters,
};
