import { result } from './analysis-samples.js';

/** One valid payload a topic: shown in the documents, checked against the schemas by a test. */

export const reading = {
  ...result,
  receivedAt: '2026-03-29T01:15:00.312Z',
  atSource: 'meter',
  quality: 'checked',
  powerW: 431,
  energyImportWh: 1_234_567,
  energyExportWh: 89_012,
  energyImportTariff1Wh: 634_567,
  energyImportTariff2Wh: 600_000,
  voltageL1V: 231.4,
  currentL1A: 1.9,
} as const;

export const meterState = {
  v: 1,
  meter: 'main',
  at: '2026-03-29T01:15:00.000Z',
  medium: 'electricity',
  role: 'grid',
  protocol: 'dsmr',
  port: '/dev/serial/by-id/usb-FTDI_FT232R-if00-port0',
  link: 'online',
  reason: '',
  identification: { id: 'E0001', manufacturer: 'ISK', model: '2M550T-1012' },
  lastReadingAt: '2026-03-29T01:15:00.000Z',
  telegrams: 42,
  faults: { checksum: 1 },
} as const;

export const meterEvent = {
  v: 1,
  meter: 'main',
  at: '2026-03-29T03:15:00.000+02:00',
  kind: 'outage',
  detail: 'long power failure of 301 s, from the failure log of the meter',
  durationS: 301,
} as const;
export const analyzerSnapshot = {
  v: 1 as const,
  meter: 'main',
  epoch: 'k3v9q2',
  seq: 42,
  savedAt: '2026-03-29T01:15:01.000Z',
  state: 'q64FAA==',
};

export const deviceCommand = {
  v: 1 as const,
  id: 'c-20260329-7',
  issuedAt: '2026-03-29T01:17:00.000Z',
  expiresAt: '2026-03-29T01:17:30.000Z',
  on: false,
  reason: 'the quarter-hour would end at 5.6 kW, the limit is 4.0 kW',
};

export const deviceState = {
  v: 1 as const,
  device: 'boiler',
  at: '2026-03-29T01:17:01.000Z',
  desired: false,
  reported: false,
  availability: 'online' as const,
  decidedBy: 'demand-limit',
  reason: deviceCommand.reason,
  until: '2026-03-29T01:27:00.000Z',
  commandsSent: 7,
  commandsUnacknowledged: 0,
};

export const historyRequest = {
  v: 1 as const,
  client: 'page-5f2c',
  id: '1',
  meter: 'main',
  quantity: 'powerW' as const,
  from: '2026-03-28T00:00:00.000Z',
  to: '2026-03-29T00:00:00.000Z',
  resolutionS: 300,
};

export const historyReply = {
  v: 1 as const,
  id: '1',
  meter: 'main',
  quantity: 'powerW',
  resolutionS: 300,
  cut: false,
  atMs: [1_774_656_000_000, 1_774_656_300_000],
  mean: [402.5, 431],
  min: [398, 420],
  max: [410, 455],
};

export const serviceHealth = {
  v: 1 as const,
  service: 'historian' as const,
  instance: 'a1b2',
  at: '2026-03-29T01:15:00.000Z',
  since: '2026-03-28T18:00:00.000Z',
  version: '0.1.0',
  state: 'ready' as const,
  reason: '',
  memoryBytes: 71_303_168,
  counters: { pointsWritten: 86_400, rejected: 0 },
};

export const rejected = {
  v: 1 as const,
  at: '2026-03-29T01:15:00.000Z',
  topic: 'energy/meter/main/reading',
  reason: 'powerW: expected a number, received a string',
  payload: '{"v":1,"powerW":"431"}',
};

export const deadLetter = {
  v: 1 as const,
  at: '2026-03-29T01:15:00.000Z',
  reason: 'field type conflict: powerW is a float already',
  point: { meter: 'main', powerW: '431' },
};

export const alert = {
  v: 1 as const,
  at: '2026-03-29T01:15:00.000Z',
  active: true,
  severity: 'warning' as const,
  text: 'The journal is 80 % full; its oldest readings will be dropped in about 3 days.',
};
