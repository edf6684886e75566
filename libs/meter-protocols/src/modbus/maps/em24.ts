// Made from config/modbus/em24.yaml by scripts/register-maps.mjs.

export const em24 = {
  name: 'em24',
  manufacturer: 'Carlo Gavazzi',
  model: 'EM24-DIN',
  source:
    'Carlo Gavazzi, EM24 communication protocol (EM24-DIN), input registers; volkszaehler/mbmd',
  wordsMax: 11,
  function: 4,
  type: 'int32',
  wordOrder: 'low-first',
  registers: [
    { name: 'Voltage L1', address: 0, scale: 0.1, unit: 'V', obis: '1-0:32.7.0' },
    { name: 'Voltage L2', address: 2, scale: 0.1, unit: 'V', obis: '1-0:52.7.0' },
    { name: 'Voltage L3', address: 4, scale: 0.1, unit: 'V', obis: '1-0:72.7.0' },
    { name: 'Current L1', address: 12, scale: 0.001, unit: 'A', obis: '1-0:31.7.0' },
    { name: 'Current L2', address: 14, scale: 0.001, unit: 'A', obis: '1-0:51.7.0' },
    { name: 'Current L3', address: 16, scale: 0.001, unit: 'A', obis: '1-0:71.7.0' },
    { name: 'Power L1', address: 18, scale: 0.1, unit: 'W', obis: '1-0:36.7.0' },
    { name: 'Power L2', address: 20, scale: 0.1, unit: 'W', obis: '1-0:56.7.0' },
    { name: 'Power L3', address: 22, scale: 0.1, unit: 'W', obis: '1-0:76.7.0' },
    { name: 'Power', address: 40, scale: 0.1, unit: 'W', obis: '1-0:16.7.0' },
    { name: 'Apparent power', address: 42, scale: 0.1, unit: 'VA', obis: '1-0:9.7.0' },
    { name: 'Reactive power', address: 44, scale: 0.1, unit: 'var', obis: '1-0:3.7.0' },
    { name: 'Power factor', address: 53, type: 'int16', scale: 0.001, obis: '1-0:13.7.0' },
    { name: 'Frequency', address: 55, type: 'uint16', scale: 0.1, unit: 'Hz', obis: '1-0:14.7.0' },
    { name: 'Energy import', address: 62, scale: 0.1, unit: 'kWh', obis: '1-0:1.8.0' },
    { name: 'Energy import L1', address: 70, scale: 0.1, unit: 'kWh', obis: '1-0:21.8.0' },
    { name: 'Energy import L2', address: 72, scale: 0.1, unit: 'kWh', obis: '1-0:41.8.0' },
    { name: 'Energy import L3', address: 74, scale: 0.1, unit: 'kWh', obis: '1-0:61.8.0' },
    { name: 'Energy export', address: 92, scale: 0.1, unit: 'kWh', obis: '1-0:2.8.0' },
  ],
} as const;
