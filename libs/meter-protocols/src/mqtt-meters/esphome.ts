import { row, type MqttMeterKind, type MqttRow } from './mqtt-meter.js';

const phaseRows: readonly MqttRow[] = ([1, 2, 3] as const).flatMap((number) => [
  row(`powerL${number}W`, 'kW', `power_consumed_phase_${number}`, `power_produced_phase_${number}`),
  row(`voltageL${number}V`, 'V', `voltage_phase_${number}`),
  row(`currentL${number}A`, 'A', `current_phase_${number}`),
]);

/**
 * esphome.io/components/mqtt: `<node>/sensor/<object id>/state`. Sensors are named by their owner,
 * so that `fields` is the rule; these are the names in the documentation of `dsmr`, which has kW
 * and kWh.
 */
export const esphome: MqttMeterKind = {
  name: 'esphome',
  title: 'ESPHome sensors; others than the documented ones of "dsmr" through "fields"',
  manufacturer: 'ESPHome',
  topics: [{ filter: '{device}/sensor/+/state', payload: 'number' }],
  rows: [
    row('powerW', 'kW', 'power_consumed', 'power_produced'),
    row('energyImportWh', 'kWh', ['energy_consumed_tariff_1', 'energy_consumed_tariff_2']),
    row('energyImportTariff1Wh', 'kWh', 'energy_consumed_tariff_1'),
    row('energyImportTariff2Wh', 'kWh', 'energy_consumed_tariff_2'),
    row('energyExportWh', 'kWh', ['energy_produced_tariff_1', 'energy_produced_tariff_2']),
    row('energyExportTariff1Wh', 'kWh', 'energy_produced_tariff_1'),
    row('energyExportTariff2Wh', 'kWh', 'energy_produced_tariff_2'),
    ...phaseRows,
  ],
};
