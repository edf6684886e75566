// Made from config/modbus/sdm72.yaml by scripts/register-maps.mjs.

export const sdm72 = {
  name: 'sdm72',
  manufacturer: 'Eastron',
  model: 'SDM72D-M',
  source: 'Eastron, Modbus protocol document of the meter, input registers; volkszaehler/mbmd',
  wordsMax: 80,
  gapMax: 40,
  function: 4,
  type: 'float32',
  identification: [{ address: 64514, codes: [132] }],
  registers: [
    { name: 'Power', address: 52, unit: 'W', obis: '1-0:16.7.0' },
    { name: 'Energy import', address: 72, unit: 'kWh', obis: '1-0:1.8.0' },
    { name: 'Energy export', address: 74, unit: 'kWh', obis: '1-0:2.8.0' },
    { name: 'Energy total', address: 342, unit: 'kWh' },
  ],
} as const;
