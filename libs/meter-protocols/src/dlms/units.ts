/** Units of the scaler-unit pair (IEC 62056-6-2, table "Enumerated values for physical units"). */
const unitNames = new Map<number, string>([
  [1, 'a'],
  [2, 'mo'],
  [3, 'wk'],
  [4, 'd'],
  [5, 'h'],
  [6, 'min'],
  [7, 's'],
  [8, '°'],
  [9, '°C'],
  [10, 'currency'],
  [11, 'm'],
  [12, 'm/s'],
  [13, 'm3'],
  [14, 'm3'],
  [15, 'm3/h'],
  [16, 'm3/h'],
  [17, 'm3/d'],
  [18, 'm3/d'],
  [19, 'L'],
  [20, 'kg'],
  [21, 'N'],
  [22, 'Nm'],
  [23, 'Pa'],
  [24, 'bar'],
  [25, 'J'],
  [26, 'J/h'],
  [27, 'W'],
  [28, 'VA'],
  [29, 'var'],
  [30, 'Wh'],
  [31, 'VAh'],
  [32, 'varh'],
  [33, 'A'],
  [34, 'C'],
  [35, 'V'],
  [36, 'V/m'],
  [37, 'F'],
  [38, 'Ohm'],
  [39, 'Ohm m2/m'],
  [40, 'Wb'],
  [41, 'T'],
  [42, 'A/m'],
  [43, 'H'],
  [44, 'Hz'],
  [45, '1/Wh'],
  [46, '1/varh'],
  [47, '1/VAh'],
  [48, 'V2h'],
  [49, 'A2h'],
  [50, 'kg/s'],
  [51, 'S'],
  [52, 'K'],
  [53, '1/V2h'],
  [54, '1/A2h'],
  [55, '1/m3'],
  [56, '%'],
  [57, 'Ah'],
  [60, 'Wh/m3'],
  [61, 'J/m3'],
  [62, 'mol%'],
  [63, 'g/m3'],
  [64, 'Pa s'],
  [65, 'J/kg'],
  [70, 'dBm'],
  [71, 'dBuV'],
  [72, 'dB'],
]);

/** The name of a unit code; absent for counts, for codes without a unit and for reserved ones. */
export const unitName = (code: number): string | undefined => unitNames.get(code);

/** The code of a unit's name, the lowest where several have it. */
export function unitCode(name: string): number | undefined {
  for (const [code, unit] of unitNames) if (unit === name) return code;
  return name === '' ? withoutUnit : undefined;
}

const withoutUnit = 255;

type Kind = 'active' | 'reactive' | 'apparent' | 'current' | 'voltage' | 'factor' | 'frequency';

const phaseGroups = [0, 20, 40, 60];
const kinds = new Map<number, Kind>();
const add = (kind: Kind, groups: readonly number[]) => {
  for (const base of phaseGroups) for (const group of groups) kinds.set(base + group, kind);
};
// IEC 62056-6-1, value group C of electricity: 1 to 20 are sums, 21 to 80 the three phases.
add('active', [1, 2, 15, 16, 17, 18, 19, 20]);
add('reactive', [3, 4, 5, 6, 7, 8]);
add('apparent', [9, 10]);
add('current', [11]);
add('voltage', [12]);
add('factor', [13]);
add('frequency', [14]);
kinds.set(91, 'current');
kinds.set(92, 'voltage');

export type Quantity =
  'energy' | 'power' | 'current' | 'voltage' | 'factor' | 'frequency' | 'unknown';

interface Meaning {
  readonly quantity: Quantity;
  readonly unit?: string;
}

const unknown: Meaning = { quantity: 'unknown' };
const meanings: Readonly<Record<Kind, { readonly power: Meaning; readonly energy: Meaning }>> = {
  active: { power: { quantity: 'power', unit: 'W' }, energy: { quantity: 'energy', unit: 'Wh' } },
  reactive: {
    power: { quantity: 'power', unit: 'var' },
    energy: { quantity: 'energy', unit: 'varh' },
  },
  apparent: {
    power: { quantity: 'power', unit: 'VA' },
    energy: { quantity: 'energy', unit: 'VAh' },
  },
  current: { power: { quantity: 'current', unit: 'A' }, energy: unknown },
  voltage: { power: { quantity: 'voltage', unit: 'V' }, energy: unknown },
  factor: { power: { quantity: 'factor' }, energy: unknown },
  frequency: { power: { quantity: 'frequency', unit: 'Hz' }, energy: unknown },
};

/** Value group D: averages, maxima, the momentary value, and so on are all powers. */
const powerProcessings = new Set([2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 23, 24, 25, 26, 27]);
const energyProcessings = new Set([8, 9, 10, 20, 29, 30]);

/** What a value is by its OBIS code, for lists that carry neither scaler nor unit. */
export function meaningOf(c: number, d: number): Meaning {
  const kind = kinds.get(c);
  if (!kind) return unknown;
  if (powerProcessings.has(d)) return meanings[kind].power;
  return energyProcessings.has(d) ? meanings[kind].energy : unknown;
}
