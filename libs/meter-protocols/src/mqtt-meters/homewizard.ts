import type { Register } from '@wattbus/energy-model';
import { row, type MqttMeterKind, type MqttRow } from './mqtt-meter.js';

const phaseRows: readonly MqttRow[] = ([1, 2, 3] as const).flatMap((number) => [
  row(`powerL${number}W`, 'W', `active_power_l${number}_w`),
  row(`powerL${number}W`, 'W', `power_l${number}_w`),
  row(`voltageL${number}V`, 'V', `active_voltage_l${number}_v`),
  row(`voltageL${number}V`, 'V', `voltage_l${number}_v`),
  row(`currentL${number}A`, 'A', `active_current_l${number}_a`),
  row(`currentL${number}A`, 'A', `current_l${number}_a`),
  row(`voltageSagL${number}Count`, undefined, `voltage_sag_l${number}_count`),
  row(`voltageSwellL${number}Count`, undefined, `voltage_swell_l${number}_count`),
]);
const tariffRows: readonly MqttRow[] = ([1, 2, 3, 4] as const).flatMap((number) => [
  row(`energyImportTariff${number}Wh`, 'kWh', `total_power_import_t${number}_kwh`),
  row(`energyImportTariff${number}Wh`, 'kWh', `energy_import_t${number}_kwh`),
  row(`energyExportTariff${number}Wh`, 'kWh', `total_power_export_t${number}_kwh`),
  row(`energyExportTariff${number}Wh`, 'kWh', `energy_export_t${number}_kwh`),
]);

/** Early firmware states no totals, and kWh meters have one tariff. */
const totalRows: readonly MqttRow[] = (
  [
    ['energyImportWh', 'total_power_import'],
    ['energyExportWh', 'total_power_export'],
  ] as const
).flatMap(([quantity, key]) => [
  row(quantity, 'kWh', [`${key}_t1_kwh`, `${key}_t2_kwh`]),
  row(quantity, 'kWh', `${key}_t1_kwh`),
]);

/** Device types of EN 13757-3 for the names in `external`. */
const deviceTypes: Readonly<Record<string, number>> = {
  gas_meter: 3,
  heat_meter: 4,
  warm_water_meter: 6,
  water_meter: 7,
  inlet_heat_meter: 12,
};
const channelsMax = 8;

/** Firmware that lists no meters behind the P1 meter knows a gas meter only. */
const gasMeter = (content: Readonly<Record<string, unknown>>): readonly unknown[] => [
  {
    type: 'gas_meter',
    unique_id: content['gas_unique_id'],
    value: content['total_gas_m3'],
    unit: 'm3',
  },
];

/** Meters on the P1 meter's M-Bus, as P1 telegrams state them. */
function channels(content: unknown): readonly Register[] {
  const { external, ...rest } = (content ?? {}) as Readonly<Record<string, unknown>>;
  const meters = Array.isArray(external) && external.length > 0 ? external : gasMeter(rest);
  return meters.slice(0, channelsMax).flatMap((meter: unknown, index) => {
    const { type, unique_id: id, value, unit } = (meter ?? {}) as Readonly<Record<string, unknown>>;
    const deviceType = deviceTypes[String(type)];
    if (deviceType === undefined || typeof value !== 'number' || typeof unit !== 'string')
      return [];
    const obis = (code: string): string => `0-${index + 1}:${code}`;
    return [
      { obis: obis('24.1.0'), value: deviceType },
      ...(typeof id === 'string' ? [{ obis: obis('96.1.0'), value: id }] : []),
      { obis: obis('24.2.1'), value, unit },
    ];
  });
}

/**
 * api-documentation.homewizard.com: `/api/v1/data` and `/api/measurement` (v2), whose content comes
 * by HTTP or is put on the bus as it is. Both use the sign convention of this project.
 */
export const homewizard: MqttMeterKind = {
  name: 'homewizard',
  title: 'HomeWizard P1 meter, kWh meters, energy socket, water meter (local API, v1 and v2)',
  manufacturer: 'HomeWizard',
  topics: [{ filter: 'homewizard/{device}', payload: 'json' }],
  idKey: 'unique_id',
  modelKey: 'meter_model',
  channels,
  rows: [
    row('powerW', 'W', 'active_power_w'),
    row('powerW', 'W', 'power_w'),
    row('energyImportWh', 'kWh', 'total_power_import_kwh'),
    row('energyImportWh', 'kWh', 'energy_import_kwh'),
    row('energyExportWh', 'kWh', 'total_power_export_kwh'),
    row('energyExportWh', 'kWh', 'energy_export_kwh'),
    ...totalRows,
    ...tariffRows,
    row('tariffIndicator', undefined, 'active_tariff'),
    row('tariffIndicator', undefined, 'tariff'),
    ...phaseRows,
    row('voltageL1V', 'V', 'active_voltage_v'),
    row('voltageL1V', 'V', 'voltage_v'),
    row('currentL1A', 'A', 'active_current_a'),
    row('currentL1A', 'A', 'current_a'),
    row('apparentPowerVA', 'VA', 'active_apparent_power_va'),
    row('apparentPowerVA', 'VA', 'apparent_power_va'),
    row('reactivePowerVar', 'var', 'active_reactive_power_var'),
    row('reactivePowerVar', 'var', 'reactive_power_var'),
    row('powerFactor', undefined, 'active_power_factor'),
    row('powerFactor', undefined, 'power_factor'),
    row('frequencyHz', 'Hz', 'active_frequency_hz'),
    row('frequencyHz', 'Hz', 'frequency_hz'),
    row('demandImportW', 'W', 'active_power_average_w'),
    row('demandImportW', 'W', 'average_power_15m_w'),
    // The first spelling is that of the API.
    row('demandImportPeakMonthW', 'W', 'montly_power_peak_w'),
    row('demandImportPeakMonthW', 'W', 'monthly_power_peak_w'),
    row('powerFailureCount', undefined, 'any_power_fail_count'),
    row('longPowerFailureCount', undefined, 'long_power_fail_count'),
    row('volumeL', 'm3', 'total_liter_m3'),
  ],
};
