import { describe, expect, test } from '@jest/globals';
import type { Medium } from '@wattbus/energy-model';
import { channelNames, type Source } from './channel-names.js';

const behind = (channel: number, medium: Medium, meterId?: string) => ({
  subject: `channel-${channel}` as const,
  medium,
  at: null,
  measured: {},
  ...(meterId === undefined ? {} : { meterId }),
});

/** `name role` of each channel, in order. */
const named = (
  measurements: readonly ReturnType<typeof behind>[],
  ...channels: Source['channels']
): readonly string[] => {
  const names = channelNames(measurements, { name: 'main', role: 'grid', channels });
  return measurements.map(({ subject }) => {
    const { meter, role } = names.get(subject)!;
    return `${meter} ${role}`;
  });
};

describe('a meter behind another one', () => {
  test('is called after its medium, which says its role', () => {
    expect(named([behind(1, 'gas'), behind(2, 'hot-water'), behind(4, 'electricity')])).toEqual([
      'main-gas gas',
      'main-hot-water water',
      'main-electricity consumer',
    ]);
  });

  test('has name and role as configured, by channel, medium or serial number', () => {
    const all = [behind(1, 'gas', 'G1'), behind(2, 'heat'), behind(3, 'electricity')];
    expect(
      named(
        all,
        { channel: 3, name: 'heat-pump', role: 'ev' },
        { medium: 'heat', name: 'district' },
        { meterId: 'G1', role: 'consumer' },
      ),
    ).toEqual(['main-gas consumer', 'district heat', 'heat-pump ev']);
  });

  test('is found by its serial number first, then its channel, then its medium', () => {
    const channels = [
      { medium: 'gas', name: 'by-medium' },
      { channel: 2, name: 'by-channel' },
      { meterId: 'G1', name: 'by-serial' },
    ] as const;
    const all = [behind(1, 'gas'), behind(2, 'gas', 'G2'), behind(3, 'gas', 'G1')];
    expect(named(all, ...channels)).toEqual(['by-medium gas', 'by-channel gas', 'by-serial gas']);
  });

  test('keeps its name when the one beside it gets one', () => {
    const both = [behind(1, 'gas'), behind(2, 'gas')];
    expect(named(both)).toEqual(['main-gas-1 gas', 'main-gas-2 gas']);
    expect(named(both, { channel: 1, name: 'cooker' })).toEqual(['cooker gas', 'main-gas-2 gas']);
  });

  test('never shares a name with another one', () => {
    const gas = [behind(1, 'gas'), behind(3, 'gas')];
    expect(named(gas, { medium: 'gas', name: 'gas' })).toEqual(['gas-1 gas', 'gas-3 gas']);
    const mixed = [behind(1, 'water'), behind(2, 'gas')];
    expect(named(mixed, { channel: 1, name: 'main-gas' })).toEqual([
      'main-gas-1 water',
      'main-gas-2 gas',
    ]);
  });
});
