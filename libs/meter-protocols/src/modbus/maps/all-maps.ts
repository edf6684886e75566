// Made from config/modbus/*.yaml by scripts/register-maps.mjs.
import { abbB23 } from './abb-b23.js';
import { em24 } from './em24.js';
import { em340 } from './em340.js';
import { finder7e } from './finder-7e.js';
import { growatt } from './growatt.js';
import { growattLegacy } from './growatt-legacy.js';
import { iem3000 } from './iem3000.js';
import { sdm120 } from './sdm120.js';
import { sdm220 } from './sdm220.js';
import { sdm230 } from './sdm230.js';
import { sdm630 } from './sdm630.js';
import { sdm72 } from './sdm72.js';
import { sdm72v2 } from './sdm72v2.js';

export const allMaps = [
  abbB23,
  em24,
  em340,
  finder7e,
  growatt,
  growattLegacy,
  iem3000,
  sdm120,
  sdm220,
  sdm230,
  sdm630,
  sdm72,
  sdm72v2,
] as const;
