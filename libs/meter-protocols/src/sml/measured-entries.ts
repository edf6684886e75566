import type { Measured, QuantityName } from '@wattbus/energy-model';
import type { SmlEntry } from './encode.js';

type Row = readonly [QuantityName, Pick<SmlEntry, 'obis' | 'unit' | 'scaler' | 'unsigned'>];

const power = { unit: 'W', scaler: -1 };
const energy = { unit: 'Wh', scaler: 0, unsigned: true };
const voltage = { unit: 'V', scaler: -1, unsigned: true };
const current = { unit: 'A', scaler: -2, unsigned: true };

/** What unlocked basic meters state, in their order. */
const rows: readonly Row[] = [
  ['energyImportWh', { obis: '1-0:1.8.0', ...energy }],
  ['energyImportTariff1Wh', { obis: '1-0:1.8.1', ...energy }],
  ['energyImportTariff2Wh', { obis: '1-0:1.8.2', ...energy }],
  ['energyExportWh', { obis: '1-0:2.8.0', ...energy }],
  ['energyExportTariff1Wh', { obis: '1-0:2.8.1', ...energy }],
  ['energyExportTariff2Wh', { obis: '1-0:2.8.2', ...energy }],
  ['powerW', { obis: '1-0:16.7.0', ...power }],
  ['powerL1W', { obis: '1-0:36.7.0', ...power }],
  ['powerL2W', { obis: '1-0:56.7.0', ...power }],
  ['powerL3W', { obis: '1-0:76.7.0', ...power }],
  ['voltageL1V', { obis: '1-0:32.7.0', ...voltage }],
  ['voltageL2V', { obis: '1-0:52.7.0', ...voltage }],
  ['voltageL3V', { obis: '1-0:72.7.0', ...voltage }],
  ['currentL1A', { obis: '1-0:31.7.0', ...current }],
  ['currentL2A', { obis: '1-0:51.7.0', ...current }],
  ['currentL3A', { obis: '1-0:71.7.0', ...current }],
  ['frequencyHz', { obis: '1-0:14.7.0', unit: 'Hz', scaler: -1, unsigned: true }],
];

/** Entries for what is measured; currents are sizes, as meters state them. */
export function smlEntriesOf(measured: Measured): readonly SmlEntry[] {
  return rows.flatMap(([quantity, form]) => {
    const value = measured[quantity];
    if (value === undefined) return [];
    return [{ ...form, value: form.unsigned ? Math.abs(value) : value }];
  });
}
