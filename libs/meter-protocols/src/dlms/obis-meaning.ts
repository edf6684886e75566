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
