import { describe, expect, test } from '@jest/globals';
import { measuredBy, readerOf } from '../../test/mqtt-messages.js';

describe('tasmota', () => {
  test('a plug states numbers', () => {
    const energy = {
      TotalStartTime: '2025-01-01T00:00:00',
      Total: 3.185,
      Yesterday: 3.058,
      Today: 0.127,
      Period: 0,
      Power: 45,
      ApparentPower: 60,
      ReactivePower: 40,
      Factor: 0.75,
      Voltage: 230,
      Current: 0.261,
    };
    const content = { Time: '2026-07-01T12:00:00', ENERGY: energy };
    expect(measuredBy(readerOf('tasmota'), [['tele/meter/SENSOR', content]])).toEqual({
      powerW: 45,
      energyImportWh: 3185,
      apparentPowerVA: 60,
      reactivePowerVar: 40,
      powerFactor: 0.75,
      voltageL1V: 230,
      currentL1A: 0.261,
    });
  });

  test('a meter of three phases states arrays', () => {
    const energy = {
      Total: 1234.5,
      ExportActive: 17.25,
      Power: [100, -300, 50],
      Voltage: [230, 231, 229],
      Current: [0.5, 1.4, 0.3],
      Frequency: 50,
    };
    expect(measuredBy(readerOf('tasmota'), [['tele/meter/SENSOR', { ENERGY: energy }]])).toEqual({
      powerW: -150,
      powerL1W: 100,
      powerL2W: -300,
      powerL3W: 50,
      energyImportWh: 1_234_500,
      energyExportWh: 17_250,
      voltageL1V: 230,
      voltageL2V: 231,
      voltageL3V: 229,
      currentL1A: 0.5,
      currentL2A: -1.4,
      currentL3A: 0.3,
      frequencyHz: 50,
    });
  });

  test('a meter read by a script has names of its own', () => {
    const fields = { 'SML.Power_curr': 'powerW', 'SML.Total_in': 'energyImportkWh' };
    const content = { Time: '2026-07-01T12:00:00', SML: { Total_in: 4321.5678, Power_curr: -250 } };
    const reader = readerOf('tasmota', { device: 'house/tasmota_1', fields });
    expect(reader.filters).toEqual(['tele/house/tasmota_1/SENSOR']);
    expect(measuredBy(reader, [['tele/house/tasmota_1/SENSOR', content]])).toEqual({
      powerW: -250,
      energyImportWh: 4_321_568,
    });
  });
});

test.each(['SML', 'MT631', ''])('tasmota: the names of its scripts, in section "%s"', (section) => {
  const content = {
    Time: '2026-07-01T12:00:00',
    [section]: { Total_in: 2173.5, Total_out: 349.3, Power_curr: -136.39, Volt_p2: 231.4 },
  };
  expect(measuredBy(readerOf('tasmota'), [['tele/meter/SENSOR', content]])).toEqual({
    powerW: -136.39,
    energyImportWh: 2_173_500,
    energyExportWh: 349_300,
    voltageL2V: 231.4,
  });
});

describe('shelly', () => {
  const topic = (index: number, name: string): string => `shellies/meter/emeter/${index}/${name}`;

  test('a 3EM gives its total once all phases are known', () => {
    const reader = readerOf('shelly-3em');
    expect(measuredBy(reader, [[topic(0, 'power'), '100.5']])).toEqual({ powerL1W: 100.5 });
    expect(
      measuredBy(reader, [
        [topic(1, 'power'), '-20'],
        [topic(2, 'power'), '5.25'],
        [topic(0, 'total'), '1000.1'],
        [topic(1, 'total'), '2000.2'],
        [topic(2, 'total'), '3000.3'],
        [topic(2, 'voltage'), '229.9'],
      ]),
    ).toEqual({
      powerW: 85.75,
      powerL2W: -20,
      powerL3W: 5.25,
      energyImportWh: 6001,
      voltageL3V: 229.9,
    });
  });

  test('an EM gives the configured one of its circuits', () => {
    const reader = readerOf('shelly-em', { channel: 1 });
    expect(
      measuredBy(reader, [
        [topic(0, 'power'), '999'],
        [topic(1, 'power'), '42.5'],
        [topic(1, 'total_returned'), '12.6'],
      ]),
    ).toEqual({ powerW: 42.5, energyExportWh: 13 });
  });

  test('a Pro 3EM gives power and energy in two messages', () => {
    const em = {
      id: 0,
      a_current: 4.029,
      a_voltage: 236.1,
      a_act_power: 951.2,
      a_aprt_power: 951.9,
      a_pf: 1,
      a_freq: 50,
      b_current: 4.027,
      b_voltage: 236.2,
      b_act_power: -951.1,
      b_freq: 50,
      c_current: 3.027,
      c_voltage: 236.402,
      c_act_power: 715.4,
      n_current: null,
      total_current: 11.083,
      total_act_power: 715.5,
      total_aprt_power: 2486.782,
      user_calibrated_phase: [],
    };
    const data = { id: 0, a_total_act_energy: 1.5, total_act: 5415.41, total_act_ret: 12.3 };
    expect(
      measuredBy(readerOf('shelly-gen2'), [
        ['meter/status/em:0', em],
        ['meter/status/emdata:0', data],
        ['meter/status/sys', { uptime: 5 }],
      ]),
    ).toEqual({
      powerW: 715.5,
      apparentPowerVA: 2486.782,
      frequencyHz: 50,
      powerL1W: 951.2,
      powerL2W: -951.1,
      powerL3W: 715.4,
      voltageL1V: 236.1,
      voltageL2V: 236.2,
      voltageL3V: 236.402,
      currentL1A: 4.029,
      currentL2A: -4.027,
      currentL3A: 3.027,
      energyImportWh: 5415,
      energyExportWh: 12,
    });
  });

  test('notifications state what has changed', () => {
    const note = {
      src: 'shellypro3em-000000000000',
      dst: 'meter/events',
      method: 'NotifyStatus',
      params: { ts: 1_780_000_000.12, 'em:0': { id: 0, total_act_power: -17.5 } },
    };
    expect(measuredBy(readerOf('shelly-gen2'), [['meter/events/rpc', note]])).toEqual({
      powerW: -17.5,
    });
  });

  test('a switch and a clamp of the third generation', () => {
    const plug = { id: 0, output: true, apower: 8.9, voltage: 237.5, aenergy: { total: 6532 } };
    expect(measuredBy(readerOf('shelly-gen2'), [['meter/status/switch:0', plug]])).toEqual({
      powerW: 8.9,
      voltageL1V: 237.5,
      energyImportWh: 6532,
    });
    const reader = readerOf('shelly-gen2', { channel: 1 });
    const clamp = { id: 1, current: 2.5, voltage: 234.9, act_power: 501.8, pf: 0.84, freq: 50 };
    expect(
      measuredBy(reader, [
        ['meter/status/em1:1', clamp],
        [
          'meter/status/em1data:1',
          { id: 1, total_act_energy: 6644.9, total_act_ret_energy: 2595.3 },
        ],
      ]),
    ).toMatchObject({ powerW: 501.8, energyImportWh: 6645, energyExportWh: 2595 });
  });
});

test('esphome: documented names, and others by fields', () => {
  const reader = readerOf('esphome', { device: 'p1', fields: { water: 'volumeL' } });
  expect(
    measuredBy(reader, [
      ['p1/sensor/power_consumed/state', '0.512'],
      ['p1/sensor/power_produced/state', '0.000'],
      ['p1/sensor/energy_consumed_tariff_1/state', '1234.567'],
      ['p1/sensor/energy_consumed_tariff_2/state', '2345.678'],
      ['p1/sensor/water/state', '98765'],
      ['p1/sensor/uptime/state', '17'],
      ['p1/sensor/power_consumed/state', 'nan'],
    ]),
  ).toEqual({
    powerW: 512,
    energyImportWh: 3_580_245,
    energyImportTariff1Wh: 1_234_567,
    energyImportTariff2Wh: 2_345_678,
    volumeL: 98_765,
  });
});
