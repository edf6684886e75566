import { describe, expect, test } from '@jest/globals';
import { isFault } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { encodeTic, type TicGroup } from './encode.js';
import { TicDecoder } from './tic-decoder.js';

function measuredOf(mode: 'historique' | 'standard', groups: readonly TicGroup[]) {
  const id = { label: mode === 'standard' ? 'ADSC' : 'ADCO', data: '041876000001' };
  const decoder = new TicDecoder({ standardOffsetMinutes: 60 });
  const [telegram] = decoder.push(encodeTic({ mode, groups: [id, ...groups] }));
  if (!telegram || isFault(telegram)) throw new Error(JSON.stringify(telegram));
  expect(telegram.warnings).toEqual([]);
  return measurementsOf(telegram)[0]!.measured;
}

describe('export is stated in standard mode with a contract for production, and only there', () => {
  const injecting = [
    { label: 'EAST', data: '000001000' },
    { label: 'EAIT', data: '000002000' },
    { label: 'SINSTS', data: '00000' },
    { label: 'SINSTI', data: '01500' },
  ];

  test('while the roof gives more than the house takes, nothing is drawn', () => {
    expect(measuredOf('standard', injecting)).toEqual({
      energyImportWh: 1_000,
      energyExportWh: 2_000,
      apparentPowerVA: -1_500,
    });
  });

  test('at night nothing is injected', () => {
    const night = injecting.map((group) =>
      group.label === 'SINSTS'
        ? { ...group, data: '00640' }
        : group.label === 'SINSTI'
          ? { ...group, data: '00000' }
          : group,
    );
    expect(measuredOf('standard', night)).toMatchObject({
      energyExportWh: 2_000,
      apparentPowerVA: 640,
    });
  });

  test('a consumer has no export, which is not an export of zero', () => {
    const consumer = injecting.filter(({ label }) => !['EAIT', 'SINSTI'].includes(label));
    expect(measuredOf('standard', consumer)).toEqual({
      energyImportWh: 1_000,
      apparentPowerVA: 0,
    });
  });

  test('nor has anybody in historique mode', () => {
    const groups = [
      { label: 'BASE', data: '000001000' },
      { label: 'PAPP', data: '00640' },
    ];
    expect(measuredOf('historique', groups)).toEqual({
      energyImportWh: 1_000,
      apparentPowerVA: 640,
    });
  });
});
