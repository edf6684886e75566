import { row, type MqttMeterKind, type MqttRow } from './mqtt-meter.js';

const emeters = (key: string): readonly string[] => [0, 1, 2].map((index) => `${index}/${key}`);

const gen1Topics = [{ filter: 'shellies/{device}/emeter/+/+', payload: 'number' }] as const;

/** shelly-api-docs.shelly.cloud/gen1, Shelly 3EM: one number a topic, energy in Wh. */
export const shelly3em: MqttMeterKind = {
  name: 'shelly-3em',
  title: 'Shelly 3EM (first generation), its three channels as phases',
  manufacturer: 'Shelly',
  topics: gen1Topics,
  rows: [
    row('powerW', 'W', emeters('power')),
    row('powerL1W', 'W', '0/power'),
    row('powerL2W', 'W', '1/power'),
    row('powerL3W', 'W', '2/power'),
    row('energyImportWh', 'Wh', emeters('total')),
    row('energyExportWh', 'Wh', emeters('total_returned')),
    row('voltageL1V', 'V', '0/voltage'),
    row('voltageL2V', 'V', '1/voltage'),
    row('voltageL3V', 'V', '2/voltage'),
    row('currentL1A', 'A', '0/current'),
    row('currentL2A', 'A', '1/current'),
    row('currentL3A', 'A', '2/current'),
  ],
};

/** shelly-api-docs.shelly.cloud/gen1, Shelly EM: two circuits that have nothing in common. */
export const shellyEm: MqttMeterKind = {
  name: 'shelly-em',
  title: 'Shelly EM (first generation), one of its two channels',
  manufacturer: 'Shelly',
  topics: gen1Topics,
  rows: [
    row('powerW', 'W', '{channel}/power'),
    row('energyImportWh', 'Wh', '{channel}/total'),
    row('energyExportWh', 'Wh', '{channel}/total_returned'),
    row('reactivePowerVar', 'var', '{channel}/reactive_power'),
    row('voltageL1V', 'V', '{channel}/voltage'),
    row('powerFactor', undefined, '{channel}/pf'),
  ],
};

const phaseRows: readonly MqttRow[] = (['a', 'b', 'c'] as const).flatMap((phase, index) => {
  const number = (index + 1) as 1 | 2 | 3;
  return [
    row(`powerL${number}W`, 'W', `em:{channel}.${phase}_act_power`),
    row(`voltageL${number}V`, 'V', `em:{channel}.${phase}_voltage`),
    row(`currentL${number}A`, 'A', `em:{channel}.${phase}_current`),
  ];
});

/** One circuit of an `em1`, and switches and meters that count with `aenergy`. */
function circuitRows(component: string): readonly MqttRow[] {
  const key = (name: string): string => `${component}:{channel}.${name}`;
  return [
    row('powerW', 'W', key('apower')),
    row('energyImportWh', 'Wh', key('aenergy.total')),
    row('energyExportWh', 'Wh', key('ret_aenergy.total')),
    row('voltageL1V', 'V', key('voltage')),
    row('currentL1A', 'A', key('current')),
    row('frequencyHz', 'Hz', key('freq')),
    row('powerFactor', undefined, key('pf')),
  ];
}

/**
 * shelly-api-docs.shelly.cloud/gen2: the status of each component as JSON under its name, and
 * notifications of what has changed. The same in the second, third and fourth generation.
 */
export const shellyGen2: MqttMeterKind = {
  name: 'shelly-gen2',
  title: 'Shelly Pro 3EM, Pro EM, EM Gen3, 3EM-63 Gen3, Plus and Pro switches with a meter',
  manufacturer: 'Shelly',
  topics: [
    { filter: '{device}/status/+', payload: 'json' },
    { filter: '{device}/events/rpc', payload: 'json', root: 'params' },
  ],
  rows: [
    row('powerW', 'W', 'em:{channel}.total_act_power'),
    row('apparentPowerVA', 'VA', 'em:{channel}.total_aprt_power'),
    row('frequencyHz', 'Hz', 'em:{channel}.a_freq'),
    row('currentNeutralA', 'A', 'em:{channel}.n_current'),
    row('energyImportWh', 'Wh', 'emdata:{channel}.total_act'),
    row('energyExportWh', 'Wh', 'emdata:{channel}.total_act_ret'),
    ...phaseRows,
    row('powerW', 'W', 'em1:{channel}.act_power'),
    row('apparentPowerVA', 'VA', 'em1:{channel}.aprt_power'),
    row('voltageL1V', 'V', 'em1:{channel}.voltage'),
    row('currentL1A', 'A', 'em1:{channel}.current'),
    row('frequencyHz', 'Hz', 'em1:{channel}.freq'),
    row('powerFactor', undefined, 'em1:{channel}.pf'),
    row('energyImportWh', 'Wh', 'em1data:{channel}.total_act_energy'),
    row('energyExportWh', 'Wh', 'em1data:{channel}.total_act_ret_energy'),
    ...circuitRows('switch'),
    ...circuitRows('pm1'),
  ],
};
