import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Telegram } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { homewizard } from './homewizard.js';
import { MqttMeterReader } from './mqtt-reader.js';

function telegramOf(content: object): Telegram {
  const payload = Buffer.from(JSON.stringify(content));
  const reader = new MqttMeterReader(homewizard, { device: 'meter' });
  const result = reader.read({ topic: 'homewizard/meter', payload });
  if (result === null || isFault(result)) throw new Error(JSON.stringify(result));
  return result;
}

describe('homewizard', () => {
  const v1 = {
    wifi_ssid: 'home',
    wifi_strength: 100,
    smr_version: 50,
    meter_model: 'ISKRA  2M550T-101',
    unique_id: '00112233445566778899AABBCCDDEEFF',
    active_tariff: 2,
    total_power_import_kwh: 13779.338,
    total_power_import_t1_kwh: 10830.511,
    total_power_import_t2_kwh: 2948.827,
    total_power_export_kwh: 0,
    active_power_w: -543,
    active_power_l1_w: -676,
    active_power_l2_w: 133,
    active_current_l1_a: -4,
    voltage_sag_l1_count: 1,
    any_power_fail_count: 4,
    montly_power_peak_w: 1111,
    total_gas_m3: 2569.646,
    external: [
      {
        unique_id: '47303031323334353637383930',
        type: 'gas_meter',
        timestamp: 210606140010,
        value: 2569.646,
        unit: 'm3',
      },
      { type: 'unheard_of', value: 1, unit: 'm3' },
    ],
  };

  test('the P1 meter states the meter and the gas meter behind it', () => {
    const telegram = telegramOf(v1);
    expect(telegram.meter).toEqual({
      id: '00112233445566778899AABBCCDDEEFF',
      manufacturer: 'HomeWizard',
      model: 'ISKRA  2M550T-101',
    });
    expect(measurementsOf(telegram)).toMatchObject([
      {
        subject: 'main',
        measured: {
          powerW: -543,
          powerL1W: -676,
          currentL1A: -4,
          energyImportWh: 13_779_338,
          energyImportTariff2Wh: 2_948_827,
          energyExportWh: 0,
          tariffIndicator: 2,
          powerFailureCount: 4,
          demandImportPeakMonthW: 1111,
        },
      },
      {
        subject: 'channel-1',
        medium: 'gas',
        meterId: 'G001234567890',
        measured: { volumeL: 2_569_646 },
      },
    ]);
  });

  test('the second version of the API has other names', () => {
    const v2 = { energy_import_kwh: 1.5, power_w: 543, voltage_l1_v: 230.5, frequency_hz: 50 };
    expect(measurementsOf(telegramOf(v2))[0]!.measured).toEqual({
      energyImportWh: 1500,
      powerW: 543,
      voltageL1V: 230.5,
      frequencyHz: 50,
    });
  });

  test('early firmware states tariffs without a total, and a gas meter without a list', () => {
    const early = {
      total_power_import_t1_kwh: 10830.5,
      total_power_import_t2_kwh: 2948.25,
      total_power_export_t1_kwh: 0.5,
      total_power_export_t2_kwh: null,
      total_gas_m3: 1122.333,
      gas_unique_id: '47303031323334353637383930',
      external: [],
    };
    expect(measurementsOf(telegramOf(early))).toMatchObject([
      { measured: { energyImportWh: 13_778_750, energyExportWh: 500 } },
      { medium: 'gas', meterId: 'G001234567890', measured: { volumeL: 1_122_333 } },
    ]);
  });

  test('a kWh meter has one tariff and no gas meter', () => {
    const meter = { total_power_import_t1_kwh: 0.101, active_power_w: -900.194 };
    expect(measurementsOf(telegramOf({ ...meter, total_gas_m3: null }))).toMatchObject([
      { subject: 'main', measured: { energyImportWh: 101, powerW: -900.194 } },
    ]);
  });

  test('the water meter states a volume', () => {
    const water = { total_liter_m3: 123.456, active_liter_lpm: 7.2 };
    expect(measurementsOf(telegramOf(water))).toMatchObject([
      { medium: 'water', measured: { volumeL: 123_456 } },
    ]);
  });
});
