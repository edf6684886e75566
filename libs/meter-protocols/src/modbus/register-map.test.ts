import { describe, expect, test } from '@jest/globals';
import { blocksOf } from './blocks.js';
import { parseRegisterMap, type RegisterMap } from './register-map.js';

const file = {
  name: 'mine',
  manufacturer: 'Maker',
  model: 'M1',
  source: 'its manual',
  function: 4,
  type: 'float32',
  registers: [{ name: 'Power', address: 0x34, unit: 'W', obis: '1-0:16.7.0' }],
};

const faultsOf = (changes: object): string => {
  const parsed = parseRegisterMap({ ...file, ...changes });
  return 'registers' in parsed ? '' : parsed.join('; ');
};

describe('a file', () => {
  test('gives what its registers share to each of them', () => {
    expect(parseRegisterMap(file)).toEqual({
      name: 'mine',
      manufacturer: 'Maker',
      model: 'M1',
      identification: [],
      source: 'its manual',
      wordsMax: 125,
      gapMax: 0,
      registers: [
        {
          name: 'Power',
          address: 0x34,
          unit: 'W',
          obis: '1-0:16.7.0',
          function: 4,
          type: 'float32',
          wordOrder: 'high-first',
          scale: 1,
        },
      ],
    });
  });

  test.each([
    [{ name: 'My Meter' }, 'name: must be small letters'],
    [{ registers: [] }, 'registers: '],
    [{ typ: 'float32' }, 'file: '],
    [{ function: 6 }, 'function: '],
    [{ wordsMax: 126 }, 'wordsMax: '],
    [{ registers: [{ name: 'x', address: 70_000 }] }, 'registers.0.address: '],
    [{ registers: [{ name: 'x', address: 1, obis: '16.7.0' }] }, 'registers.0.obis: is no OBIS'],
    [{ registers: [{ name: 'x', address: 1, quantity: 'power' }] }, 'registers.0.quantity: '],
    [
      { registers: [{ name: 'x', address: 1, obis: '1-0:16.7.0', quantity: 'powerW' }] },
      'not both',
    ],
  ])('with %j is refused: %s', (changes, why) => {
    expect(faultsOf(changes)).toContain(why);
  });

  test('that is no object at all is refused', () => {
    for (const content of [null, undefined, 'text', 7, []]) {
      expect(Array.isArray(parseRegisterMap(content))).toBe(true);
    }
  });
});

describe('requests', () => {
  const mapWith = (changes: object, addresses: readonly number[]): RegisterMap =>
    parseRegisterMap({
      ...file,
      ...changes,
      registers: addresses.map((address) => ({ name: `r${address}`, address })),
    }) as RegisterMap;
  const placesOf = (map: RegisterMap) => blocksOf(map).map(({ start, words }) => [start, words]);

  test('join registers that follow each other, whatever their order in the file', () => {
    expect(placesOf(mapWith({}, [4, 0, 2, 10]))).toEqual([
      [0, 6],
      [10, 2],
    ]);
  });

  test('include gaps as far as the map allows', () => {
    expect(placesOf(mapWith({ gapMax: 4 }, [0, 6, 13]))).toEqual([
      [0, 8],
      [13, 2],
    ]);
  });

  test('stay within the words that the meter gives', () => {
    expect(placesOf(mapWith({ wordsMax: 5 }, [0, 2, 4, 6]))).toEqual([
      [0, 4],
      [4, 4],
    ]);
  });
});
