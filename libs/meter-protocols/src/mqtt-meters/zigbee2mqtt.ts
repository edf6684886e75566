import { row, type MqttMeterKind } from './mqtt-meter.js';

/** zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages: one object a device, W, V, A and kWh. */
export const zigbee2mqtt: MqttMeterKind = {
  name: 'zigbee2mqtt',
  title: 'Zigbee2MQTT: plugs, clamps and meters',
  manufacturer: 'Zigbee2MQTT',
  topics: [{ filter: 'zigbee2mqtt/{device}', payload: 'json' }],
  rows: [
    row('powerW', 'W', ['power_phase_a', 'power_phase_b', 'power_phase_c']),
    // Beside phases B and C alone, names without a phase are phase A (Frient EMIZB-151, Sunricher).
    row('powerW', 'W', ['power', 'power_phase_b', 'power_phase_c']),
    row('powerW', 'W', 'power'),
    row('powerL1W', 'W', 'power_phase_a'),
    row('powerL2W', 'W', 'power_phase_b'),
    row('powerL3W', 'W', 'power_phase_c'),
    row('energyImportWh', 'kWh', 'energy'),
    row('energyExportWh', 'kWh', 'produced_energy'),
    row('apparentPowerVA', 'VA', 'power_apparent'),
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
  ],
};
