// Made from config/modbus/sdm120.yaml by scripts/register-maps.mjs.

export const sdm120 = {
  name: 'sdm120',
  manufacturer: 'Eastron',
  model: 'SDM120-Modbus',
  source: 'Eastron, Modbus protocol document of the meter, input registers; volkszaehler/mbmd',
  wordsMax: 80,
  gapMax: 40,
  function: 4,
  type: 'float32',
  identification: [{ address: 64514, codes: [32] }],
  registers: [
    { name: 'Voltage', address: 0, unit: 'V', obis: '1-0:32.7.0' },
    { name: 'Current', address: 6, unit: 'A', obis: '1-0:31.7.0' },
    { name: 'Power', address: 12, unit: 'W', obis: '1-0:16.7.0' },
    { name: 'Apparent power', address: 18, unit: 'VA', obis: '1-0:9.7.0' },
    { name: 'Reactive power', address: 24, unit: 'var', obis: '1-0:3.7.0' },
    { name: 'Power factor', address: 30, obis: '1-0:13.7.0' },
    { name: 'Frequency', address: 70, unit: 'Hz', obis: '1-0:14.7.0' },
    { name: 'Energy import', address: 72, unit: 'kWh', obis: '1-0:1.8.0' },
    { name: 'Energy export', address: 74, unit: 'kWh', obis: '1-0:2.8.0' },
    { name: 'Reactive energy import', address: 76, unit: 'kvarh', obis: '1-0:3.8.0' },
    { name: 'Reactive energy export', address: 78, unit: 'kvarh', obis: '1-0:4.8.0' },
    { name: 'Energy total', address: 342, unit: 'kWh' },
    { name: 'Reactive energy total', address: 344, unit: 'kvarh' },
  ],
} as const;
