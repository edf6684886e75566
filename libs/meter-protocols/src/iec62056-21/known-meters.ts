import type { KnownMeter } from '../meter-protocol.js';

const asked = 'optical head, sign-on at 300 7E1';
const pushed = 'optical head on the INFO port, 9600 7E1';
const registers = 'import and export with tariffs';

export const knownMeters: readonly KnownMeter[] = [
  ['DE', 'EMH eHZ (D0 variant), Hager eHZ', pushed, 'import or export'],
  ['DE', 'eBZ DD3 (D0 variant)', pushed, 'import, export, power, phases, voltages'],
  ['DE', 'EasyMeter Q3D, Q1D', pushed, 'import, export, power, phases'],
  ['DE', 'EMH LZQJ, Metcom MCS301', asked, `${registers}, peaks, load profile`],
  ['DE, AT, CH', 'Landis+Gyr ZMD120, ZMD310, ZMF100, E350', asked, `${registers}, voltages`],
  ['DE, SI', 'Iskraemeco MT174, MT372', asked, `${registers}, peaks, history`],
  ['AT, CH', 'Siemens TD3511 (AMIS)', asked, `${registers}, power, voltages, currents`],
  ['DE, FR', 'Itron ACE3000, EM214', asked, registers],
  ['DE, PL', 'Pafal 20EC3gr, EC3', asked, registers],
  ['DE, CZ', 'Elster AS1440, A1500', asked, `${registers}, power`],
  ['DE', 'Siemens 2WR5 (heat)', asked, 'heat, volume, flow and return temperature'],
].map(([country, meter, cable, gives]) => ({
  country: country!,
  meter: meter!,
  cable: cable!,
  gives: gives!,
}));
