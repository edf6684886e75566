// Made from config/modbus/iem3000.yaml by scripts/register-maps.mjs.

export const iem3000 = {
  name: 'iem3000',
  manufacturer: 'Schneider Electric',
  model: 'iEM3150, iEM3155, iEM3250, iEM3255, iEM3350, iEM3355',
  source:
    'Schneider Electric, iEM3100/iEM3200 user manual (DOCA0005), register list, whose numbers are one higher; volkszaehler/mbmd',
  function: 3,
  type: 'float32',
  identification: [{ address: 49, words: 20, texts: ['iEM3'] }],
  registers: [
    { name: 'Voltage L1', address: 3027, unit: 'V', obis: '1-0:32.7.0' },
    { name: 'Voltage L2', address: 3029, unit: 'V', obis: '1-0:52.7.0' },
    { name: 'Voltage L3', address: 3031, unit: 'V', obis: '1-0:72.7.0' },
    { name: 'Current L1', address: 2999, unit: 'A', obis: '1-0:31.7.0' },
    { name: 'Current L2', address: 3001, unit: 'A', obis: '1-0:51.7.0' },
    { name: 'Current L3', address: 3003, unit: 'A', obis: '1-0:71.7.0' },
    { name: 'Power L1', address: 3053, unit: 'kW', obis: '1-0:36.7.0' },
    { name: 'Power L2', address: 3055, unit: 'kW', obis: '1-0:56.7.0' },
    { name: 'Power L3', address: 3057, unit: 'kW', obis: '1-0:76.7.0' },
    { name: 'Power', address: 3059, unit: 'kW', obis: '1-0:16.7.0' },
    { name: 'Reactive power', address: 3067, unit: 'kvar', obis: '1-0:3.7.0' },
    { name: 'Apparent power', address: 3075, unit: 'kVA', obis: '1-0:9.7.0' },
    { name: 'Frequency', address: 3109, unit: 'Hz', obis: '1-0:14.7.0' },
    { name: 'Energy import', address: 3203, type: 'int64', unit: 'Wh', obis: '1-0:1.8.0' },
    { name: 'Energy export', address: 3207, type: 'int64', unit: 'Wh', obis: '1-0:2.8.0' },
    {
      name: 'Reactive energy import',
      address: 3219,
      type: 'int64',
      unit: 'varh',
      obis: '1-0:3.8.0',
    },
    {
      name: 'Reactive energy export',
      address: 3223,
      type: 'int64',
      unit: 'varh',
      obis: '1-0:4.8.0',
    },
  ],
} as const;
