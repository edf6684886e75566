import { Buffer } from 'node:buffer';
import { encodeTic } from '../src/tic/encode.js';
import { encodeJsonLine } from '../src/json/encode.js';
import { encodeMbus, mbusRecordsOf, type MbusTelegram } from '../src/mbus/encode.js';
import { blocksOf } from '../src/modbus/blocks.js';
import {
  encodeBlock,
  encodeModbusReply,
  encodeModbusRequest,
  registerValuesOf,
} from '../src/modbus/encode.js';
import type { ModbusAddress } from '../src/modbus/frames.js';
import type { RegisterMap } from '../src/modbus/register-map.js';
import { registerMapOf } from '../src/modbus/register-maps.js';
import type { ConformanceSamples } from './conformance-samples.js';

const options = { standardOffsetMinutes: 60 };

/** Chosen so that no loss of bytes makes another group: the checksum of a group has six bits. */
const ticFrames = [
  encodeTic({
    mode: 'historique',
    groups: [
      { label: 'ADCO', data: '021528603947' },
      { label: 'OPTARIF', data: 'HC..' },
      { label: 'HCHC', data: '000837362' },
      { label: 'HCHP', data: '002035628' },
      { label: 'PTEC', data: 'HP..' },
      { label: 'PAPP', data: '00190' },
      { label: 'MOTDETAT', data: '000000' },
    ],
  }),
  encodeTic({
    mode: 'standard',
    groups: [
      { label: 'ADSC', data: '041876512349' },
      { label: 'DATE', at: '2026-07-01T12:00:00+02:00', data: '' },
      { label: 'EAST', data: '027553175' },
      { label: 'EAIT', data: '004170821' },
      { label: 'URMS1', data: '234' },
      { label: 'SMAXSN', at: '2026-07-01T08:15:30+02:00', data: '07337' },
    ],
  }),
];

const heatMeter: MbusTelegram = {
  address: 5,
  id: '12345678',
  manufacturer: 'WBS',
  version: 3,
  medium: 4,
  records: [
    ...mbusRecordsOf(4, {
      heatJ: 5_020_000_000,
      volumeL: 12_560,
      heatPowerW: 1_230,
      flowTemperatureC: 60.5,
      returnTemperatureC: 41.2,
    }),
    { value: [0x0e], coding: 'bcd', bytes: 4, count: 4_321, storage: 1 },
  ],
};
const mbusFrames = [
  encodeMbus(heatMeter),
  encodeMbus({
    ...heatMeter,
    medium: 2,
    records: mbusRecordsOf(2, { energyImportWh: 5_432_101, powerW: -250, voltageL1V: 231.4 }),
  }),
];

/** A request and its reply, of the first block of a map. */
function modbusSample(map: RegisterMap, address: ModbusAddress): ConformanceSamples {
  const [block] = blocksOf(map);
  const measured = { powerW: -250.5, energyImportWh: 1_234_560, voltageL1V: 231 };
  const data = encodeBlock(map, block!, registerValuesOf(map, measured));
  const exchange = Buffer.concat([
    encodeModbusRequest(address, block!, 0x1234),
    encodeModbusReply(address, block!, data, 0x1234),
  ]);
  const prefix = address.framing === 'tcp' ? 'tcp:' : '';
  return {
    protocol: 'modbus',
    options: {
      ...options,
      registerMap: map.name,
      registerMaps: [map],
      address: `${prefix}${address.unit}`,
    },
    checked: address.framing === 'rtu',
    frames: [exchange],
  };
}

/** Modbus TCP has no checksum: of a longer reply, garbage behind its header would be the data. */
const voltmeter: RegisterMap = {
  name: 'voltmeter',
  manufacturer: 'Wattbus',
  model: 'V1',
  source: 'made up',
  wordsMax: 1,
  gapMax: 0,
  identification: [],
  registers: [
    {
      name: 'Voltage',
      function: 3,
      address: 7,
      type: 'uint16',
      wordOrder: 'high-first',
      scale: 0.1,
      unit: 'V',
      obis: '1-0:32.7.0',
    },
  ],
};

export const busSamples: readonly ConformanceSamples[] = [
  { protocol: 'tic', options, checked: true, groupwise: true, frames: ticFrames },
  { protocol: 'mbus', options, checked: true, frames: mbusFrames },
  modbusSample(registerMapOf({ registerMap: 'sdm120' }), { framing: 'rtu', unit: 1 }),
  modbusSample(registerMapOf({ registerMap: 'em24' }), { framing: 'rtu', unit: 17 }),
  {
    protocol: 'json',
    options,
    checked: false,
    frames: [encodeJsonLine({ powerW: 512, energyImportWh: 123_456 }, { id: '7' })],
  },
  // The line rests for a while before its pulse, so that its beginning alone is none.
  {
    protocol: 'pulse',
    options: { ...options, pulse: { input: 'state' } },
    checked: false,
    frames: [Buffer.from('0000000000001')],
  },
  modbusSample(voltmeter, { framing: 'tcp', unit: 1 }),
];
