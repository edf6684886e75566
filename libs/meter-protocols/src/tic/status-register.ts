import type { Register } from '@wattbus/energy-model';

interface StatusField {
  readonly label: string;
  readonly lowestBit: number;
  readonly bits: number;
  /** By the field's number; the number itself where there are no words. */
  readonly words?: readonly string[];
}

const field = (
  label: string,
  [lowestBit, bits]: readonly [number, number],
  words?: readonly string[],
): StatusField => ({
  label: `STGE ${label}`,
  lowestBit,
  bits,
  ...(words === undefined ? {} : { words }),
});

const colours = ['none', 'blue', 'white', 'red'];

/** Enedis-NOI-CPT_54E, §6.2.3.14: the register of states. */
const fields: readonly StatusField[] = [
  field('contact', [0, 1], ['closed', 'open']),
  field(
    'breaker',
    [1, 3],
    [
      'closed',
      'open: too much power',
      'open: voltage too high',
      'open: load shedding',
      'open: by remote order',
      'open: overheated by a high current',
      'open: overheated by a lower current',
    ],
  ),
  field('terminal cover', [4, 1], ['closed', 'open']),
  field('overvoltage', [6, 1], ['no', 'yes']),
  field('above reference power', [7, 1], ['no', 'yes']),
  field('mode', [8, 1], ['consumer', 'producer']),
  field('direction', [9, 1], ['import', 'export']),
  field('supplier tariff', [10, 4]),
  field('distributor tariff', [14, 2]),
  field('clock', [16, 1], ['right', 'degraded']),
  field('TIC', [17, 1], ['historique', 'standard']),
  field('Euridis port', [19, 2], ['off', 'on, open', 'reserved', 'on, secured']),
  field('PLC state', [21, 2], ['new, unlocked', 'new, locked', 'registered']),
  field('PLC synchronised', [23, 1], ['no', 'yes']),
  field('colour today', [24, 2], colours),
  field('colour tomorrow', [26, 2], colours),
  field('peak announced', [28, 2]),
  field('peak now', [30, 2]),
];

/** Tariffs count from 1, as `EASF01` and `EASD01` do. */
const tariffLabels: readonly string[] = ['STGE supplier tariff', 'STGE distributor tariff'];

/**
 * The states that eight hexadecimal digits stand for, one register each; none where the text is
 * something else. The breaker also comes as the number that P1 meters state: 1 is connected.
 */
export function readStatusRegister(hex: string): readonly Register[] {
  if (!/^[0-9A-F]{8}$/.test(hex)) return [];
  const states = parseInt(hex, 16);
  const registers: Register[] = fields.map(({ label, lowestBit, bits, words }) => {
    const stated = (states >>> lowestBit) & ((1 << bits) - 1);
    const value = tariffLabels.includes(label) ? stated + 1 : stated;
    return { label, value: words ? (words[value] ?? String(value)) : value };
  });
  const breaker = (states >>> 1) & 0b111;
  return [
    ...registers,
    { obis: '0-0:96.3.10', label: 'STGE connected', value: breaker === 0 ? 1 : 0 },
  ];
}
