import { describe, expect, test } from '@jest/globals';
import { chooseTariff } from './choose-tariff.js';
import { readTariffFile } from './read-tariff-file.js';

const energy = { id: 'energy', kind: 'flat', direction: 'import', pricePerKWh: 0.3 };
const version = (
  validFrom: string,
  validTo?: string,
  components: readonly object[] = [energy],
) => ({
  validFrom,
  ...(validTo === undefined ? {} : { validTo }),
  source: 'a test',
  sourceDate: '2026-01-01',
  components,
});
const fileOf = (rest: object): object => ({
  name: 'test',
  title: 'Test',
  about: 'For tests.',
  country: 'BE',
  zone: 'Europe/Brussels',
  currency: 'EUR',
  versions: [version('2026-01-01')],
  ...rest,
});
const withComponents = (...components: object[]): object =>
  fileOf({ versions: [version('2026-01-01', undefined, components)] });

const faultsOf = (value: object): string[] => {
  const read = readTariffFile(value);
  return read.ok ? [] : read.faults.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('a good file has no faults', () => {
  expect(faultsOf(fileOf({}))).toEqual([]);
});

describe('dates', () => {
  const versions = (...list: object[]): object => fileOf({ versions: list });

  test('with a gap between versions are a fault', () => {
    expect(faultsOf(versions(version('2026-01-01', '2026-03-01'), version('2026-03-02')))).toEqual([
      'versions.1.validFrom: gap: nothing counts from 2026-03-01 until 2026-03-02',
    ]);
  });

  test('that overlap are a fault', () => {
    expect(faultsOf(versions(version('2026-01-01', '2026-03-02'), version('2026-03-01')))).toEqual([
      'versions.1.validFrom: overlap: the version before counts until 2026-03-02',
    ]);
    expect(faultsOf(versions(version('2026-01-01'), version('2026-03-01')))).toEqual([
      'versions.1.validFrom: overlap: the version before, from 2026-01-01, has no end',
    ]);
  });

  test('that end before they begin, or do not exist, are a fault', () => {
    expect(faultsOf(versions(version('2026-01-01', '2026-01-01')))).toEqual([
      'versions.0.validTo: must be after 2026-01-01',
    ]);
    expect(faultsOf(versions(version('2026-02-30')))).toHaveLength(1);
  });
});

describe('components', () => {
  test.each([
    [
      'of an unknown kind',
      [{ id: 'x', kind: 'magic' }],
      'versions.0.components.0.kind: unknown kind',
    ],
    [
      'with a field too many',
      [{ ...energy, price: 1 }],
      'versions.0.components.0: Unrecognized key',
    ],
    [
      'that count on the same days',
      [energy, { ...energy, months: [1] }],
      'versions.0.components.1.id: overlap',
    ],
    [
      'reckoned from a line that is not above',
      [{ id: 'tax', kind: 'percent-of', of: ['energy'], rate: 0.1 }, energy],
      'versions.0.components.0.of.0: no line "energy"',
    ],
    [
      'with an input that the file does not have',
      [{ ...energy, pricePerKWh: { input: 'price' } }],
      'versions.0.components.0.pricePerKWh: the file has no input "price"',
    ],
    [
      'whose rules leave hours without a price',
      [
        {
          ...energy,
          kind: 'tou',
          pricePerKWh: undefined,
          rules: [{ months: [1], pricePerKWh: 1 }],
        },
      ],
      'versions.0.components.0',
    ],
    [
      'with days that nobody knows',
      [
        {
          id: 'energy',
          kind: 'tou',
          direction: 'import',
          rules: [{ days: ['redd'], pricePerKWh: 1 }, { pricePerKWh: 1 }],
        },
      ],
      'versions.0.components.0.rules.0.days: "redd"',
    ],
    [
      'with more prices than blocks',
      [
        {
          id: 'energy',
          kind: 'tiered',
          direction: 'import',
          boundsPer: 'month',
          bounds: [200, 100],
          prices: [1, 2],
        },
      ],
      'versions.0.components.0.prices: 2 bounds make 3 blocks, not 2',
    ],
    [
      'with neither a price per kW nor steps',
      [{ id: 'capacity', kind: 'capacity', per: 'year' }],
      'versions.0.components.0: needs either',
    ],
  ])('%s are a fault', (_, components, start) => {
    expect(faultsOf(withComponents(...components))[0]).toMatch(
      new RegExp(`^${start.replace(/[.*+?()[\]{}|\\^$]/g, '\\$&')}`),
    );
  });

  test('that differ in what they depend on may share a line', () => {
    const inputs = { meter: { type: 'choice', about: '', choices: ['a', 'b'], default: 'a' } };
    const components = [
      { ...energy, when: { meter: 'a' } },
      { ...energy, when: { meter: 'b' } },
    ];
    const file = fileOf({ inputs, versions: [version('2026-01-01', undefined, components)] });
    expect(faultsOf(file)).toEqual([]);
  });
});

describe('inputs', () => {
  const file = fileOf({
    inputs: {
      kW: { type: 'number', about: '', min: 0, max: 10 },
      area: { type: 'choice', about: '', choices: ['north', 'south'], default: 'north' },
      red: { type: 'dates', about: '' },
    },
    presets: { south: { title: 'South', set: { area: 'south' } } },
    versions: [
      version('2026-01-01', '2027-01-01', [
        { ...energy, pricePerKWh: { by: 'area', values: { north: 0.1, south: 0.2 } } },
        { id: 'power', kind: 'fixed', per: 'year', amount: { input: 'kW', times: 22.68 } },
      ]),
    ],
  });
  const read = readTariffFile(file);
  const chosen = (name: string, given: Record<string, string>) => {
    if (!read.ok) throw new Error('the file must be good');
    return chooseTariff(read.file, name, given);
  };

  test('reach the amounts, and presets set them', () => {
    expect(chosen('south', { kW: '3' })).toMatchObject({
      ok: true,
      chosen: {
        tariff: {
          components: [
            { pricePerKWh: 0.2, validFrom: '2026-01-01', validTo: '2027-01-01' },
            { amount: 68.04 },
          ],
        },
      },
    });
  });

  test.each([
    [{ kw: '3' }, 'test has no input kw; it has: kW, area, red'],
    [{ kW: '3,5' }, 'kW: must be a number such as 12.5, not "3,5"'],
    [{ kW: '11' }, 'kW: must not be above 10'],
    [{ kW: '1', area: 'west' }, 'area: must be one of north, south, not "west"'],
    [{ kW: '1', red: '2026-13-01' }, 'red: "2026-13-01" is not a day such as 2026-01-31'],
    [{}, '"power" needs kW'],
  ] as const)('%j is refused', (given, message) => {
    expect(chosen('south', given)).toEqual({
      ok: false,
      faults: [expect.objectContaining({ message })],
    });
  });
});
