import { row, type MqttMeterKind, type MqttRow } from './mqtt-meter.js';

/** Meters of three clamps (Tuya) name phases `_a`, others `_phase_a`, and Linky's `_ph_b`. */
const phaseRows: readonly MqttRow[] = (['a', 'b', 'c'] as const).flatMap((phase, index) => {
  const number = (index + 1) as 1 | 2 | 3;
  return [
    row(`powerL${number}W`, 'W', `power_${phase}`),
    row(`voltageL${number}V`, 'V', `voltage_${phase}`),
    row(`currentL${number}A`, 'A', `current_${phase}`),
    row(`voltageL${number}V`, 'V', index === 0 ? 'rms_voltage' : `rms_voltage_ph_${phase}`),
    row(`currentL${number}A`, 'A', index === 0 ? 'rms_current' : `rms_current_ph_${phase}`),
  ];
});

/** The sum over a name without a phase, which is phase A then, and those of the others. */
const phases = (name: string): readonly string[] => [name, `${name}_phase_b`, `${name}_phase_c`];

/** Sums over clamps, where a device has no total. */
const clampRows = (['abc', 'ab'] as const).flatMap((clamps) => {
  const keys = (name: string): readonly string[] => [...clamps].map((clamp) => `${name}_${clamp}`);
  return [
    row('powerW', 'W', keys('power')),
    row('energyImportWh', 'kWh', keys('energy')),
    row('energyExportWh', 'kWh', keys('energy_produced')),
    row('energyExportWh', 'kWh', keys('produced_energy')),
  ];
});

const linkyTariffRows = ([1, 2, 3, 4] as const).map((tariff) =>
  row(`energyImportTariff${tariff}Wh`, 'kWh', `current_tier${tariff}_summ_delivered`),
);

/** zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages: one object a device, W, V, A and kWh. */
export const zigbee2mqtt: MqttMeterKind = {
  name: 'zigbee2mqtt',
  title: 'Zigbee2MQTT: plugs, clamps and meters',
  manufacturer: 'Zigbee2MQTT',
  topics: [{ filter: 'zigbee2mqtt/{device}', payload: 'json' }],
  rows: [
    row('powerW', 'W', ['power_phase_a', 'power_phase_b', 'power_phase_c']),
    // Beside phases B and C alone, names without a phase are phase A (Frient EMIZB-151, Sunricher).
    row('powerW', 'W', phases('power')),
    row('powerW', 'W', 'power'),
    row('powerL1W', 'W', 'power_phase_a'),
    row('powerL2W', 'W', 'power_phase_b'),
    row('powerL3W', 'W', 'power_phase_c'),
    row('powerW', 'W', 'power_ab'),
    row('energyImportWh', 'kWh', 'energy'),
    row('energyImportWh', 'kWh', 'consumed_energy'),
    row('energyExportWh', 'kWh', 'produced_energy'),
    row('energyExportWh', 'kWh', 'energy_produced'),
    ...clampRows,
    // LiXee's ZLinky_TIC.
    row('energyImportWh', 'kWh', 'current_summ_delivered'),
    row('energyExportWh', 'kWh', 'current_summ_received'),
    ...linkyTariffRows,
    row('tariffIndicator', undefined, 'current_index_tarif'),
    row('apparentPowerVA', 'VA', phases('power_apparent')),
    row('apparentPowerVA', 'VA', 'power_apparent'),
    row('apparentPowerVA', 'VA', 'apparent_power', 'injected_v_a'),
    row('apparentPowerVA', 'VA', 'apparent_power'),
    row('reactivePowerVar', 'var', phases('power_reactive')),
    row('reactivePowerVar', 'var', 'power_reactive'),
    row('powerFactor', undefined, 'power_factor'),
    row('frequencyHz', 'Hz', 'ac_frequency'),
    row('voltageL1V', 'V', 'voltage'),
    row('voltageL1V', 'V', 'voltage_phase_a'),
    row('voltageL2V', 'V', 'voltage_phase_b'),
    row('voltageL3V', 'V', 'voltage_phase_c'),
    row('currentL1A', 'A', 'current'),
    row('currentL1A', 'A', 'current_phase_a'),
    row('currentL2A', 'A', 'current_phase_b'),
    row('currentL3A', 'A', 'current_phase_c'),
    ...phaseRows,
  ],
  directions: {
    power: 'energy_flow',
    power_a: 'energy_flow_a',
    power_b: 'energy_flow_b',
    power_c: 'energy_flow_c',
  },
};
