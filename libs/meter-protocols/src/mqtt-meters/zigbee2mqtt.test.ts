import { describe, expect, test } from '@jest/globals';
import { measuredBy, readerOf } from '../../test/mqtt-messages.js';

test('zigbee2mqtt: a plug, whatever else it says', () => {
  const content = {
    current: 0.19,
    energy: 32.05,
    linkquality: 120,
    power: 36,
    state: 'ON',
    update: { state: 'idle' },
    voltage: 231,
  };
  const reader = readerOf('zigbee2mqtt', { device: 'Washing machine' });
  expect(measuredBy(reader, [['zigbee2mqtt/Washing machine', content]])).toEqual({
    powerW: 36,
    energyImportWh: 32_050,
    voltageL1V: 231,
    currentL1A: 0.19,
  });
});

test.each([
  ['names of phase A without a phase', { power: 89, power_phase_b: 384, power_phase_c: -3 }, 470],
  [
    'a total beside three phases',
    { power: 12, power_phase_a: 1, power_phase_b: 2, power_phase_c: 9 },
    12,
  ],
  ['a total beside currents only', { power: 2863, current: 4.1, current_phase_b: 1 }, 2863],
])('zigbee2mqtt: %s', (_name, content, powerW) => {
  const reader = readerOf('zigbee2mqtt', { device: 'Mains' });
  expect(measuredBy(reader, [['zigbee2mqtt/Mains', content]])).toMatchObject({ powerW });
});

test('zigbee2mqtt: apparent and reactive power are sums as power is', () => {
  const content = {
    power: 89,
    power_phase_b: 344,
    power_phase_c: 0,
    power_apparent: 95,
    power_apparent_phase_b: 354,
    power_apparent_phase_c: 0,
    power_reactive: 38,
    power_reactive_phase_b: 83,
    power_reactive_phase_c: 0,
  };
  const reader = readerOf('zigbee2mqtt', { device: 'Mains' });
  expect(measuredBy(reader, [['zigbee2mqtt/Mains', content]])).toMatchObject({
    powerW: 433,
    apparentPowerVA: 449,
    reactivePowerVar: 121,
  });
});

describe('zigbee2mqtt: meters with clamps', () => {
  const measured = (content: object) =>
    measuredBy(readerOf('zigbee2mqtt', { device: 'Mains' }), [['zigbee2mqtt/Mains', content]]);

  test('three of them with a total', () => {
    const content = {
      ac_frequency: 50,
      temperature: 28.1,
      current: 6.5,
      power: 1_450,
      energy: 321.45,
      energy_a: 100.1,
      energy_b: 110.2,
      energy_c: 111.15,
      voltage_a: 231.2,
      voltage_b: 229.9,
      voltage_c: 230.4,
      power_a: 500,
      power_b: 450,
      power_c: 500,
      current_a: 2.2,
      current_b: 2.1,
      current_c: 2.2,
    };
    expect(measured(content)).toMatchObject({
      powerW: 1_450,
      energyImportWh: 321_450,
      powerL2W: 450,
      voltageL1V: 231.2,
      voltageL3V: 230.4,
      currentL2A: 2.1,
    });
  });

  test('two of them, whose powers have no sign', () => {
    const content = {
      voltage: 236.7,
      power_a: 300,
      energy_flow_a: 'producing',
      power_b: 120.5,
      energy_flow_b: 'consuming',
      energy_a: 10.5,
      energy_b: 20.25,
      energy_produced_a: 5.5,
      energy_produced_b: 0,
    };
    expect(measured(content)).toMatchObject({
      powerW: -179.5,
      powerL1W: -300,
      powerL2W: 120.5,
      energyImportWh: 30_750,
      energyExportWh: 5_500,
    });
    expect(measured({ ...content, power_ab: -179.5 })).toMatchObject({ powerW: -179.5 });
    const signed = { ...content, power_a: -300, energy_flow_a: 'sign' };
    expect(measured(signed)).toMatchObject({ powerW: -179.5 });
  });

  test('one of them: the direction holds until another is said', () => {
    const reader = readerOf('zigbee2mqtt', { device: 'Mains' });
    const powerOf = (content: object) =>
      measuredBy(reader, [['zigbee2mqtt/Mains', content]]).powerW;
    expect(powerOf({ power: 700, energy_flow: 'producing' })).toBe(-700);
    expect(powerOf({ power: 650 })).toBe(-650);
    expect(powerOf({ power: 600, energy_flow: 'consuming' })).toBe(600);
  });

  test('a Linky behind a radio', () => {
    const content = {
      current_summ_delivered: 1_234.567,
      current_summ_received: 20.5,
      current_tier1_summ_delivered: 1_000,
      current_tier2_summ_delivered: 234.567,
      current_index_tarif: 2,
      apparent_power: 640,
      injected_v_a: 0,
      rms_voltage: 232,
      rms_current: 3,
    };
    expect(measured(content)).toMatchObject({
      energyImportWh: 1_234_567,
      energyExportWh: 20_500,
      energyImportTariff1Wh: 1_000_000,
      energyImportTariff2Wh: 234_567,
      tariffIndicator: 2,
      apparentPowerVA: 640,
      voltageL1V: 232,
      currentL1A: 3,
    });
  });
});
