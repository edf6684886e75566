import { encodeTic } from '../src/tic/encode.js';
import { encodeMbus, mbusRecordsOf, type MbusTelegram } from '../src/mbus/encode.js';
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

export const busSamples: readonly ConformanceSamples[] = [
  { protocol: 'tic', options, checked: true, groupwise: true, frames: ticFrames },
  { protocol: 'mbus', options, checked: true, frames: mbusFrames },
];
