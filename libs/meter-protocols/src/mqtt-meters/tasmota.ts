import type { QuantityName } from '@wattbus/energy-model';
import { row, type MqttMeterKind, type MqttRow } from './mqtt-meter.js';

/** Devices of several phases publish arrays, those of one phase numbers. */
const byPhases = (key: string, unit: string, names: readonly QuantityName[]): readonly MqttRow[] =>
  names.map((name, index) => row(name, unit, `ENERGY.${key}.${index}`));

const phases = (key: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `ENERGY.${key}.${index}`);

/** tasmota.github.io/docs/Smart-Meter-Interface: the names in its scripts, which most owners keep. */
const scriptRows: readonly MqttRow[] = [
  ...['Power_curr', 'Power_cur', 'power_curr'].map((name) => row('powerW', 'W', `*.${name}`)),
  ...['Total_in', 'total_in', 'E_in'].map((name) => row('energyImportWh', 'kWh', `*.${name}`)),
  ...['Total_out', 'total_out', 'E_out'].map((name) => row('energyExportWh', 'kWh', `*.${name}`)),
  ...([1, 2, 3] as const).flatMap((phase) => [
    row(`powerL${phase}W`, 'W', `*.Power_p${phase}`),
    row(`voltageL${phase}V`, 'V', `*.Volt_p${phase}`),
    row(`currentL${phase}A`, 'A', `*.Curr_p${phase}`),
    row(`currentL${phase}A`, 'A', `*.Amperage_p${phase}`),
  ]),
];

/** tasmota.github.io/docs/MQTT and /Energy-Monitoring: `tele/<topic>/SENSOR`, every TelePeriod. */
export const tasmota: MqttMeterKind = {
  name: 'tasmota',
  title: 'Tasmota: energy monitors, plugs, meters read by scripts (own names through "fields")',
  manufacturer: 'Tasmota',
  topics: [{ filter: 'tele/{device}/SENSOR', payload: 'json' }],
  hasOwnSections: true,
  rows: [
    row('powerW', 'W', 'ENERGY.Power'),
    row('powerW', 'W', phases('Power', 3)),
    row('powerW', 'W', phases('Power', 2)),
    ...byPhases('Power', 'W', ['powerL1W', 'powerL2W', 'powerL3W']),
    row('energyImportWh', 'kWh', 'ENERGY.ImportActive'),
    row('energyImportWh', 'kWh', phases('ImportActive', 3)),
    row('energyImportWh', 'kWh', 'ENERGY.Total'),
    row('energyImportWh', 'kWh', phases('Total', 3)),
    row('energyImportWh', 'kWh', phases('Total', 2)),
    row('energyExportWh', 'kWh', 'ENERGY.ExportActive'),
    row('energyExportWh', 'kWh', phases('ExportActive', 3)),
    row('energyImportTariff1Wh', 'kWh', 'ENERGY.TotalTariff.0'),
    row('energyImportTariff2Wh', 'kWh', 'ENERGY.TotalTariff.1'),
    row('apparentPowerVA', 'VA', 'ENERGY.ApparentPower'),
    row('apparentPowerVA', 'VA', phases('ApparentPower', 3)),
    row('reactivePowerVar', 'var', 'ENERGY.ReactivePower'),
    row('reactivePowerVar', 'var', phases('ReactivePower', 3)),
    row('powerFactor', undefined, 'ENERGY.Factor'),
    row('frequencyHz', 'Hz', 'ENERGY.Frequency'),
    row('frequencyHz', 'Hz', 'ENERGY.Frequency.0'),
    row('voltageL1V', 'V', 'ENERGY.Voltage'),
    ...byPhases('Voltage', 'V', ['voltageL1V', 'voltageL2V', 'voltageL3V']),
    row('currentL1A', 'A', 'ENERGY.Current'),
    ...byPhases('Current', 'A', ['currentL1A', 'currentL2A', 'currentL3A']),
    ...scriptRows,
  ],
};
