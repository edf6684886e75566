import {
  blocksOf,
  encodeAidonPush,
  encodeAustrianPush,
  encodeBlock,
  encodeBlockPush,
  encodeCiphered,
  encodeDsmr,
  encodeEncryptedDsmr,
  encodeHdlcPush,
  encodeJsonLine,
  encodeMbus,
  encodeMbusPush,
  encodeModbusReply,
  encodeModbusRequest,
  encodePulses,
  encodeReadOut,
  encodeSml,
  encodeTic,
  mbusRecordsOf,
  registerLine,
  registerMapOf,
  registerValuesOf,
  type DecoderOptions,
} from '@wattbus/meter-protocols';

const keys = { key: Buffer.alloc(16, 0x31), authenticationKey: Buffer.alloc(16, 0x77) };

/** What a meter says of itself and of the energy; `serial` has the digits that nobody may find. */
export interface House {
  readonly serial: string;
  readonly energyWh: number;
  readonly powerW: number;
}

export interface Case {
  readonly protocol: string;
  /** It says nothing that names the meter. */
  readonly isNameless?: true;
  readonly options?: Partial<DecoderOptions>;
  readonly frame: (house: House, n: number) => Uint8Array;
}

const unit = { framing: 'rtu', unit: 1 } as const;
const at = (n: number): string => `2026-07-01T12:00:${String(n % 60).padStart(2, '0')}+02:00`;

const p1Of = ({ serial, energyWh, powerW }: House, n: number): Uint8Array =>
  encodeDsmr({
    variant: '5.0',
    identification: 'WBS5\\2HOUSE-3',
    meterId: `E00${serial}9999`,
    at: at(n),
    standardOffsetMinutes: 60,
    measured: { energyImportTariff1Wh: energyWh + n, powerW },
    channels: [
      {
        channel: 1,
        deviceType: 3,
        id: `G00${serial}1234`,
        at: at(0),
        value: 1_234.567,
        unit: 'm3',
      },
    ],
  });

const valuesOf = ({ energyWh, powerW }: House, n: number) => [
  { obis: '1-0:1.8.0', value: energyWh + n, unit: 'Wh' },
  { obis: '1-0:1.7.0', value: powerW, unit: 'W' },
];
const titleOf = (serial: string): Uint8Array =>
  Buffer.concat([Buffer.from('KFM'), Buffer.from(`10${serial}`.slice(0, 10), 'hex')]);

const ciphered = (house: House, n: number, securityControl: number): Uint8Array =>
  encodeCiphered(encodeAustrianPush(at(n), valuesOf(house, n), `1KFM${house.serial}`), {
    ...keys,
    systemTitle: titleOf(house.serial),
    invocationCounter: 7 + n,
    securityControl,
  });

/** What each protocol says of a house, encoded by our own encoders. */
export const cases: Readonly<Record<string, Case>> = {
  dsmr: { protocol: 'dsmr', frame: p1Of },
  'encrypted dsmr': {
    protocol: 'dsmr',
    options: keys,
    frame: (house, n) =>
      encodeEncryptedDsmr(p1Of(house, n), {
        ...keys,
        systemTitle: titleOf(house.serial),
        invocationCounter: 1 + n,
      }),
  },
  'encrypted dsmr without a tag': {
    protocol: 'dsmr',
    options: { key: keys.key },
    frame: (house, n) =>
      encodeEncryptedDsmr(p1Of(house, n), {
        key: keys.key,
        systemTitle: titleOf(house.serial),
        invocationCounter: 1 + n,
      }),
  },
  sml: {
    protocol: 'sml',
    frame: (house, n) =>
      encodeSml({ serverId: `1EMH00${house.serial}`, entries: valuesOf(house, n) }),
  },
  'iec62056-21': {
    protocol: 'iec62056-21',
    frame: ({ serial, energyWh }, n) =>
      encodeReadOut({
        identification: 'LGZ5\\2ZMD3104107.B32',
        blockCheck: true,
        lines: [
          { address: '0.0.0', values: [serial] },
          registerLine('1.8.0', (energyWh + n) / 1000, 'kWh'),
        ],
      }),
  },
  'dlms over HDLC': {
    protocol: 'dlms',
    frame: (house, n) =>
      encodeHdlcPush(
        encodeAidonPush([
          { obis: '0-0:96.1.0', value: `7359${house.serial}` },
          ...valuesOf(house, n),
        ]),
        40,
      ),
  },
  'ciphered dlms over M-Bus': {
    protocol: 'dlms',
    options: keys,
    frame: (house, n) => encodeMbusPush(ciphered(house, n, 0x30), 60),
  },
  'ciphered dlms over HDLC, without a tag': {
    protocol: 'dlms',
    options: keys,
    frame: (house, n) => encodeHdlcPush(ciphered(house, n, 0x20), 50),
  },
  'ciphered dlms in blocks': {
    protocol: 'dlms',
    options: keys,
    frame: (house, n) => encodeBlockPush(ciphered(house, n, 0x30), 45),
  },
  'dlms that is authenticated only': {
    protocol: 'dlms',
    options: keys,
    frame: (house, n) => encodeMbusPush(ciphered(house, n, 0x10)),
  },
  'tic historique': {
    protocol: 'tic',
    frame: ({ serial, energyWh }, n) =>
      encodeTic({
        mode: 'historique',
        groups: [
          { label: 'ADCO', data: `0215${serial}` },
          { label: 'BASE', data: String(energyWh + n).padStart(9, '0') },
        ],
      }),
  },
  'tic standard': {
    protocol: 'tic',
    frame: ({ serial, energyWh }, n) =>
      encodeTic({
        mode: 'standard',
        groups: [
          { label: 'ADSC', data: `0215${serial}` },
          { label: 'EAST', data: String(energyWh + n).padStart(9, '0') },
          { label: 'PRM', data: `306${serial}001` },
        ],
      }),
  },
  mbus: {
    protocol: 'mbus',
    frame: ({ serial, energyWh }, n) =>
      encodeMbus({
        address: 5,
        id: serial,
        manufacturer: 'WBS',
        version: 3,
        medium: 4,
        records: mbusRecordsOf(4, { heatJ: (energyWh + n) * 1_000_000 }),
      }),
  },
  json: {
    protocol: 'json',
    frame: ({ serial, powerW, energyWh }, n) =>
      encodeJsonLine({ powerW, energyImportWh: energyWh + n }, { id: `00${serial}` }),
  },
  'json with a key that nobody knows': {
    protocol: 'json',
    frame: ({ serial, powerW }) => Buffer.from(`${JSON.stringify({ sn: serial, powerW })}\n`),
  },
  'text-line': {
    protocol: 'text-line',
    options: {
      pattern: String.raw`^SN=\d+ P=(?<powerW>-?\d+) E=(?<energyImportkWh>\d+\.\d{3})$`,
    },
    frame: ({ serial, powerW, energyWh }, n) =>
      Buffer.from(`SN=${serial} P=${powerW} E=${((energyWh + n) / 1000).toFixed(3)}\r\n`),
  },
  modbus: {
    protocol: 'modbus',
    isNameless: true,
    options: { registerMap: 'sdm120' },
    frame: ({ powerW, energyWh }, n) => {
      const map = registerMapOf({ registerMap: 'sdm120' });
      const [block] = blocksOf(map);
      const values = registerValuesOf(map, { powerW, energyImportWh: energyWh + n });
      const data = encodeBlock(map, block!, values);
      return Buffer.concat([
        encodeModbusRequest(unit, block!, 0),
        encodeModbusReply(unit, block!, data, 0),
      ]);
    },
  },
  pulse: {
    protocol: 'pulse',
    isNameless: true,
    frame: ({ powerW }) => encodePulses(1 + (powerW % 5), 'byte'),
  },
};
