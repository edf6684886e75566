import type { KnownMeter } from '../meter-protocol.js';

const cable = 'optical head on the INFO port, 9600 8N1';
const unlocked = 'import, export, power once the PIN is entered; whole kWh before';

export const knownMeters: readonly KnownMeter[] = [
  ['DZG DVS74, DVS7420, DVS76, DVSB, DWS74, DWS76', unlocked],
  ['EasyMeter Q3A, Q3B, Q3D, Q3M', 'import, export, power, phases'],
  ['eBZ DD3 (SML variant)', 'import with tariffs, export, power, phases'],
  ['EFR SGM-C2, SGM-C4, SGM-C6, SGM-D', unlocked],
  ['EMH eHZ, eHZ-H, ED300L, mMe4.0', 'import with tariffs, export, power with direction'],
  ['Hager eHZ', 'import with tariffs, export, power with direction'],
  ['Holley DTZ541', 'import, export, power, voltages, currents, angles, history'],
  ['Iskraemeco MT175, MT176, MT631, MT681, MT691', unlocked],
  ['Itron OpenWay 3.HZ, ACE3000', unlocked],
  ['Landis+Gyr E220, E320', unlocked],
  ['Logarex LK13', unlocked],
  ['Apator Norax 3D', unlocked],
  ['Dr. Neuhaus SMARTY, DNT', 'import or export with tariffs, power'],
].map(([meter, gives]) => ({ country: 'DE', meter: meter!, cable, gives: gives! }));
