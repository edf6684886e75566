/** How an item of a source is found in a telegram: an OBIS code, with what part of the register. */
export type Place = readonly [obis: string, part?: 'unit' | 'at'];

const energies = {
  delivered1: '1-0:1.8.1',
  delivered2: '1-0:1.8.2',
  returned1: '1-0:2.8.1',
  returned2: '1-0:2.8.2',
};

/** Names that repeat for three phases: `%` is the phase and its OBIS group follows it. */
function phases(names: Readonly<Record<string, readonly string[]>>): Record<string, Place> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, codes]) =>
      codes.map((obis, index) => [name.replace('%', String(index + 1)), [obis] as Place]),
    ),
  );
}

const sags = ['1-0:32.32.0', '1-0:52.32.0', '1-0:72.32.0'];
const swells = ['1-0:32.36.0', '1-0:52.36.0', '1-0:72.36.0'];
const voltages = ['1-0:32.7.0', '1-0:52.7.0', '1-0:72.7.0'];
const currents = ['1-0:31.7.0', '1-0:51.7.0', '1-0:71.7.0'];
const imports = ['1-0:21.7.0', '1-0:41.7.0', '1-0:61.7.0'];
const exportsByPhase = ['1-0:22.7.0', '1-0:42.7.0', '1-0:62.7.0'];

const robThree: Record<string, Place> = {
  DSMRVersion: ['1-3:0.2.8'],
  EquipmentId: ['0-0:96.1.1'],
  EnergyDeliveredTariff1: [energies.delivered1],
  EnergyDeliveredTariff2: [energies.delivered2],
  EnergyReturnedTariff1: [energies.returned1],
  EnergyReturnedTariff2: [energies.returned2],
  ElectricityTariff: ['0-0:96.14.0'],
  ElectricityThreshold: ['0-0:17.0.0'],
  ElectricitySwitchPosition: ['0-0:96.3.10'],
  ElectricityFailures: ['0-0:96.7.21'],
  ElectricityLongFailures: ['0-0:96.7.9'],
  PowerDelivered: ['1-0:1.7.0'],
  PowerReturned: ['1-0:2.7.0'],
  MessageShort: ['0-0:96.13.1'],
  MessageLong: ['0-0:96.13.0'],
  GasDeviceType: ['0-1:24.1.0'],
  GasEquipmentId: ['0-1:96.1.0'],
  GasValvePosition: ['0-1:24.4.0'],
  GasDelivered: ['0-1:24.2.1'],
  GasDeliveredOld: ['0-1:24.3.0'],
  WaterDeviceType: ['0-2:24.1.0'],
  WaterEquipmentId: ['0-2:96.1.0'],
  WaterDelivered: ['0-2:24.2.1'],
  ThermalDeviceType: ['0-3:24.1.0'],
  ThermalEquipmentId: ['0-3:96.1.0'],
  ThermalDelivered: ['0-3:24.2.1'],
  SlaveDeviceType: ['0-4:24.1.0'],
  SlaveEquipmentId: ['0-4:96.1.0'],
  SlaveDelivered: ['0-4:24.2.1'],
  ...phases({
    'ElectricitySagsL%': sags,
    'ElectricitySwellsL%': swells,
    'VoltageL%': voltages,
    'CurrentL%': currents,
    'PowerDeliveredL%': imports,
    'PowerReturnedL%': exportsByPhase,
  }),
};

const esphome: Record<string, Place> = {
  p1_version: ['1-3:0.2.8'],
  timestamp: ['0-0:1.0.0'],
  equipment_id: ['0-0:96.1.1'],
  energy_delivered_tariff1: [energies.delivered1],
  'energy_delivered_tariff1.val()': [energies.delivered1],
  energy_delivered_tariff2: [energies.delivered2],
  energy_returned_tariff1: [energies.returned1],
  energy_returned_tariff2: [energies.returned2],
  energy_delivered_tariff1_il: ['1-0:1.8.11'],
  energy_delivered_tariff2_il: ['1-0:1.8.12'],
  energy_delivered_tariff3_il: ['1-0:1.8.13'],
  energy_returned_tariff1_il: ['1-0:2.8.11'],
  energy_returned_tariff2_il: ['1-0:2.8.12'],
  energy_returned_tariff3_il: ['1-0:2.8.13'],
  energy_delivered_lux: ['1-0:1.8.0'],
  electricity_tariff: ['0-0:96.14.0'],
  electricity_tariff_il: ['0-0:96.14.1'],
  power_delivered: ['1-0:1.7.0'],
  power_returned: ['1-0:2.7.0'],
  electricity_threshold: ['0-0:17.0.0'],
  electricity_switch_position: ['0-0:96.3.10'],
  electricity_failures: ['0-0:96.7.21'],
  electricity_long_failures: ['0-0:96.7.9'],
  gas_device_type: ['0-1:24.1.0'],
  gas_equipment_id: ['0-1:96.1.0'],
  gas_valve_position: ['0-1:24.4.0'],
  gas_delivered: ['0-1:24.2.1'],
  gas_delivered_be: ['0-1:24.2.3'],
  gas_delivered_gj: ['0-1:24.2.1'],
  active_energy_import_maximum_demand_last_13_months: ['0-0:98.1.0'],
  fw_core_version: ['1-0:0.2.0'],
  fw_core_checksum: ['1-0:0.2.8'],
  fw_module_version: ['1-1:0.2.0'],
  fw_module_checksum: ['1-1:0.2.8'],
  active_demand_net: ['1-0:16.24.0'],
  power_factor: ['1-0:13.7.0'],
  power_factor_l1: ['1-0:33.7.0'],
  power_factor_l2: ['1-0:53.7.0'],
  power_factor_l3: ['1-0:73.7.0'],
  min_power_factor: ['1-0:13.3.0'],
  period_3_for_instantaneous_values: ['1-0:0.8.2'],
  ...phases({
    'electricity_sags_l%': sags,
    'electricity_swells_l%': swells,
    'voltage_l%': voltages,
    'current_l%': currents,
    'power_delivered_l%': imports,
    'power_returned_l%': exportsByPhase,
  }),
};

const mijnverbruik: Record<string, Place> = {
  version: ['1-3:0.2.8'],
  electricity_delivered_1: [energies.delivered1],
  electricity_delivered_2: [energies.delivered2],
  electricity_returned_1: [energies.returned1],
  electricity_returned_2: [energies.returned2],
  electricity_currently_delivered: ['1-0:1.7.0'],
  electricity_currently_returned: ['1-0:2.7.0'],
  electricity_tariff_indicator: ['0-0:96.14.0'],
  actual_threshold_electricity: ['0-0:17.0.0'],
  last_reading_value: ['0-1:24.3.0'],
  last_reading_measured_at: ['0-1:24.3.0', 'at'],
  measured_at: ['0-0:1.0.0', 'at'],
  text_message: ['0-0:96.13.0'],
  power_failures_count: ['0-0:96.7.21'],
  power_failures_long_count: ['0-0:96.7.9'],
  valve_position: ['0-*:24.4.0'],
  device_type: ['0-*:24.1.0'],
  equipment_id: ['0-*:96.1.*'],
};

const nielsbasjes: Record<string, Place> = {
  getEquipmentId: ['0-0:96.1.1'],
  getTimestamp: ['0-0:1.0.0', 'at'],
  getElectricityTariffIndicator: ['0-0:96.14.0'],
  getElectricityReceivedLowTariff: [energies.delivered1],
  getElectricityReceivedNormalTariff: [energies.delivered2],
  getElectricityReturnedLowTariff: [energies.returned1],
  getElectricityReturnedNormalTariff: [energies.returned2],
  getElectricityPowerReceived: ['1-0:1.7.0'],
  getElectricityPowerReturned: ['1-0:2.7.0'],
  getPowerFailures: ['0-0:96.7.21'],
  getLongPowerFailures: ['0-0:96.7.9'],
  getMessage: ['0-0:96.13.0'],
  getGasEquipmentId: ['0-*:96.1.0'],
  getGasTimestamp: ['0-*:24.[23].*', 'at'],
  getGasM3: ['0-*:24.[23].*'],
  'getMBusEvents().get(1).getDeviceType': ['0-1:24.1.0'],
  'getMBusEvents().get(1).getEquipmentId': ['0-1:96.1.0'],
  'getMBusEvents().get(1).getTimestamp': ['0-1:24.[23].*', 'at'],
  'getMBusEvents().get(1).getValue': ['0-1:24.[23].*'],
  'getMBusEvents().get(1).getUnit': ['0-1:24.[23].*', 'unit'],
  ...phases({
    'getVoltageSagsPhaseL%': sags,
    'getVoltageSwellsPhaseL%': swells,
    'getVoltageL%': voltages,
    'getCurrentL%': currents,
    'getPowerReceivedL%': imports,
    'getPowerReturnedL%': exportsByPhase,
  }),
};

/** By source and by the name of the item in that source's tests. */
export const places: Readonly<Record<string, Record<string, Place>>> = {
  'RobThree-DSMRParser.Net': robThree,
  'esphome-libs-dsmr_parser': esphome,
  'mijnverbruik-dsmr': mijnverbruik,
  'nielsbasjes-dsmr-tools': nielsbasjes,
};
