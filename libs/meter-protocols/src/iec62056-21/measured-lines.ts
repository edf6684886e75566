import type { Measured, QuantityName } from '@wattbus/energy-model';
import { registerLine, type ReadOutLine } from './encode.js';

interface Row {
  readonly quantity: QuantityName;
  readonly address: string;
  readonly unit: string;
  readonly digits: { readonly whole: number; readonly decimals: number };
}

const row = (
  quantity: QuantityName,
  address: string,
  unit: string,
  [whole, decimals]: readonly [number, number],
): Row => ({ quantity, address, unit, digits: { whole, decimals } });

/** What meters of mode C print in their usual read-out. */
const rows: readonly Row[] = [
  row('energyImportTariff1Wh', '1.8.1', 'kWh', [6, 3]),
  row('energyImportTariff2Wh', '1.8.2', 'kWh', [6, 3]),
  row('energyExportTariff1Wh', '2.8.1', 'kWh', [6, 3]),
  row('energyExportTariff2Wh', '2.8.2', 'kWh', [6, 3]),
  row('energyImportWh', '1.8.0', 'kWh', [6, 3]),
  row('energyExportWh', '2.8.0', 'kWh', [6, 3]),
  row('powerW', '16.7.0', 'kW', [3, 3]),
  row('voltageL1V', '32.7.0', 'V', [3, 1]),
  row('voltageL2V', '52.7.0', 'V', [3, 1]),
  row('voltageL3V', '72.7.0', 'V', [3, 1]),
  row('currentL1A', '31.7.0', 'A', [3, 2]),
  row('currentL2A', '51.7.0', 'A', [3, 2]),
  row('currentL3A', '71.7.0', 'A', [3, 2]),
  row('frequencyHz', '14.7.0', 'Hz', [2, 2]),
];

/** Lines for what is measured; currents are sizes, as meters state them. */
export function readOutLinesOf(measured: Measured): readonly ReadOutLine[] {
  return rows.flatMap(({ quantity, address, unit, digits }) => {
    const value = measured[quantity];
    if (value === undefined) return [];
    const stated = unit === 'A' ? Math.abs(value) : value;
    return [registerLine(address, unit.startsWith('k') ? stated / 1000 : stated, unit, digits)];
  });
}
