// Made from config/modbus/finder-7e.yaml by scripts/register-maps.mjs.

export const finder7e = {
  name: 'finder-7e',
  manufacturer: 'Finder',
  model: '7E.64, 7E.78, 7E.86',
  source:
    'Finder, 7E.78 Modbus protocol, input registers; SmartEVSE reads V at 1000, A at 100E, W at 1026 and Wh at 1106 and 110E',
  wordsMax: 100,
  function: 4,
  type: 'float32',
  registers: [
    { name: 'Voltage L1', address: 4096, unit: 'V', obis: '1-0:32.7.0' },
    { name: 'Voltage L2', address: 4098, unit: 'V', obis: '1-0:52.7.0' },
    { name: 'Voltage L3', address: 4100, unit: 'V', obis: '1-0:72.7.0' },
    { name: 'Current L1', address: 4110, unit: 'A', obis: '1-0:31.7.0' },
    { name: 'Current L2', address: 4112, unit: 'A', obis: '1-0:51.7.0' },
    { name: 'Current L3', address: 4114, unit: 'A', obis: '1-0:71.7.0' },
    { name: 'Power L1', address: 4128, unit: 'W', obis: '1-0:36.7.0' },
    { name: 'Power L2', address: 4130, unit: 'W', obis: '1-0:56.7.0' },
    { name: 'Power L3', address: 4132, unit: 'W', obis: '1-0:76.7.0' },
    { name: 'Power', address: 4134, unit: 'W', obis: '1-0:16.7.0' },
    { name: 'Energy import', address: 4358, unit: 'Wh', obis: '1-0:1.8.0' },
    { name: 'Energy export', address: 4366, unit: 'Wh', obis: '1-0:2.8.0' },
  ],
} as const;
