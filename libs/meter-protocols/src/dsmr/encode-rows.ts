import type { Measured, QuantityName } from '@wattbus/energy-model';

/** Dutch companion standards by version; `belgian` is e-MUCS P1 on 5.0. */
export type P1Variant = '2.2' | '4.2' | '5.0' | 'belgian';

/** Objects with a form of their own. */
export type SpecialObject = 'time' | 'id' | 'failures' | 'peak' | 'pastPeaks';

/** One object, in the order of the telegram: a text, a number, or one with a form of its own. */
export type ObjectRow = { readonly obis: string; readonly variants: readonly P1Variant[] } & (
  | { readonly text: string }
  | { readonly special: SpecialObject }
  | {
      readonly value: (measured: Measured) => number | undefined;
      readonly digits: number;
      readonly decimals: number;
      readonly unit?: string;
    }
);

const all: readonly P1Variant[] = ['2.2', '4.2', '5.0', 'belgian'];
const since4: readonly P1Variant[] = ['4.2', '5.0', 'belgian'];
const dutchSince4: readonly P1Variant[] = ['4.2', '5.0'];
const since5: readonly P1Variant[] = ['5.0', 'belgian'];

type Value = (measured: Measured) => number | undefined;

const scaled =
  (name: QuantityName, factor: number): Value =>
  (measured) =>
    measured[name] === undefined ? undefined : measured[name] * factor;
/** Meters print import and export as two objects, one of which is zero. */
const imported =
  (name: QuantityName): Value =>
  (measured) =>
    measured[name] === undefined ? undefined : Math.max(0, measured[name]) / 1000;
const exported =
  (name: QuantityName): Value =>
  (measured) =>
    measured[name] === undefined ? undefined : Math.max(0, -measured[name]) / 1000;
const size =
  (name: QuantityName): Value =>
  (measured) =>
    measured[name] === undefined ? undefined : Math.abs(measured[name]);

function energy(obis: string, name: QuantityName): readonly ObjectRow[] {
  const row = { obis, value: scaled(name, 1e-3), decimals: 3, unit: 'kWh' };
  return [
    { ...row, variants: ['2.2'], digits: 5 },
    { ...row, variants: since4, digits: 6 },
  ];
}

function power(obis: string, value: Value): readonly ObjectRow[] {
  return [
    { obis, variants: ['2.2'], value, digits: 4, decimals: 2, unit: 'kW' },
    { obis, variants: since4, value, digits: 2, decimals: 3, unit: 'kW' },
  ];
}

function phasePower(obis: string, value: Value): ObjectRow {
  return { obis, variants: since4, value, digits: 2, decimals: 3, unit: 'kW' };
}

function counter(
  obis: string,
  name: QuantityName,
  digits: number,
  variants: readonly P1Variant[],
): ObjectRow {
  return { obis, variants, value: scaled(name, 1), digits, decimals: 0 };
}

function voltage(obis: string, name: QuantityName): ObjectRow {
  return { obis, variants: since5, value: scaled(name, 1), digits: 3, decimals: 1, unit: 'V' };
}

function current(obis: string, name: QuantityName): readonly ObjectRow[] {
  const row = { obis, value: size(name), digits: 3, unit: 'A' };
  return [
    { ...row, variants: dutchSince4, decimals: 0 },
    { ...row, variants: ['belgian'], decimals: 2 },
  ];
}

export const objectRows: readonly ObjectRow[] = [
  { obis: '1-3:0.2.8', variants: ['4.2'], text: '42' },
  { obis: '1-3:0.2.8', variants: ['5.0'], text: '50' },
  { obis: '0-0:96.1.4', variants: ['belgian'], text: '50217' },
  { obis: '0-0:1.0.0', variants: since4, special: 'time' },
  { obis: '0-0:96.1.1', variants: all, special: 'id' },
  ...energy('1-0:1.8.1', 'energyImportTariff1Wh'),
  ...energy('1-0:1.8.2', 'energyImportTariff2Wh'),
  ...energy('1-0:2.8.1', 'energyExportTariff1Wh'),
  ...energy('1-0:2.8.2', 'energyExportTariff2Wh'),
  counter('0-0:96.14.0', 'tariffIndicator', 4, all),
  {
    obis: '1-0:1.4.0',
    variants: ['belgian'],
    value: scaled('demandImportW', 1e-3),
    digits: 2,
    decimals: 3,
    unit: 'kW',
  },
  { obis: '1-0:1.6.0', variants: ['belgian'], special: 'peak' },
  { obis: '0-0:98.1.0', variants: ['belgian'], special: 'pastPeaks' },
  ...power('1-0:1.7.0', imported('powerW')),
  ...power('1-0:2.7.0', exported('powerW')),
  counter('0-0:96.3.10', 'breakerState', 1, ['2.2', 'belgian']),
  counter('0-0:96.7.21', 'powerFailureCount', 5, dutchSince4),
  counter('0-0:96.7.9', 'longPowerFailureCount', 5, dutchSince4),
  { obis: '1-0:99.97.0', variants: dutchSince4, special: 'failures' },
  counter('1-0:32.32.0', 'voltageSagL1Count', 5, dutchSince4),
  counter('1-0:52.32.0', 'voltageSagL2Count', 5, dutchSince4),
  counter('1-0:72.32.0', 'voltageSagL3Count', 5, dutchSince4),
  counter('1-0:32.36.0', 'voltageSwellL1Count', 5, dutchSince4),
  counter('1-0:52.36.0', 'voltageSwellL2Count', 5, dutchSince4),
  counter('1-0:72.36.0', 'voltageSwellL3Count', 5, dutchSince4),
  { obis: '0-0:96.13.1', variants: ['2.2', '4.2'], text: '' },
  { obis: '0-0:96.13.0', variants: all, text: '' },
  voltage('1-0:32.7.0', 'voltageL1V'),
  voltage('1-0:52.7.0', 'voltageL2V'),
  voltage('1-0:72.7.0', 'voltageL3V'),
  ...current('1-0:31.7.0', 'currentL1A'),
  ...current('1-0:51.7.0', 'currentL2A'),
  ...current('1-0:71.7.0', 'currentL3A'),
  phasePower('1-0:21.7.0', imported('powerL1W')),
  phasePower('1-0:41.7.0', imported('powerL2W')),
  phasePower('1-0:61.7.0', imported('powerL3W')),
  phasePower('1-0:22.7.0', exported('powerL1W')),
  phasePower('1-0:42.7.0', exported('powerL2W')),
  phasePower('1-0:62.7.0', exported('powerL3W')),
];
