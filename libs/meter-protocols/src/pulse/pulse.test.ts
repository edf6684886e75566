import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { isFault } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { encodePulses } from './encode.js';
import { PulseDecoder, pulsesIn } from './pulse-decoder.js';
import { pulseTelegram } from './pulse-telegram.js';

describe('a byte a pulse', () => {
  test('every byte counts, whatever it is', () => {
    const decoder = new PulseDecoder('byte');
    expect(pulsesIn(decoder.push(Uint8Array.of(0x00, 0xf0, 0x80)))).toBe(3);
    expect(pulsesIn(decoder.push(encodePulses(40, 'byte')))).toBe(40);
  });
});

describe('the state of a line', () => {
  test('counts when it goes up, and not at the start', () => {
    const decoder = new PulseDecoder('state');
    expect(pulsesIn(decoder.push(Buffer.from('1')))).toBe(0);
    expect(pulsesIn(decoder.push(Buffer.from('1001110001\r\n')))).toBe(2);
    expect(pulsesIn(decoder.push(Uint8Array.of(0, 1, 1, 0, 1)))).toBe(2);
  });

  test('other bytes are noise', () => {
    const results = new PulseDecoder('state').push(Buffer.from('0xyz1'));
    expect(results.map((result) => (isFault(result) ? result.fault : 'pulse'))).toEqual([
      'noise',
      'pulse',
    ]);
  });

  test('any number of pulses survives, however it is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), cuts, (count, sizes) => {
        const bytes = encodePulses(count, 'state');
        const decoder = new PulseDecoder('state');
        let counted = 0;
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          counted += pulsesIn(decoder.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(counted).toBe(count);
      }),
    );
  });
});

describe('the counter', () => {
  test.each([
    [
      { input: 'byte', perUnit: 1000 },
      { pulses: 12_345, energyImportWh: 12_345 },
    ],
    [{ input: 'byte', perUnit: 800, quantity: 'energyExportWh' }, { energyExportWh: 15_431 }],
    [{ input: 'state', perUnit: 100, quantity: 'volumeL' }, { volumeL: 123_450 }],
    [{ input: 'byte' }, { pulses: 12_345 }],
  ] as const)('%j shows %j', (options, measured) => {
    expect(measurementsOf(pulseTelegram(12_345, options))).toMatchObject([{ measured }]);
  });
});
