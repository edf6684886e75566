import type { Measured, QuantityName } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';
import { encodeLongFrame } from '../framing/wired-mbus-frame.js';

export interface MbusTelegram {
  /** Primary address, 0 to 250. */
  readonly address: number;
  /** Eight digits. */
  readonly id: string;
  /** Three capitals. */
  readonly manufacturer: string;
  readonly version: number;
  /** Device type of EN 13757-3, table 6: 2 electricity, 3 gas, 4 heat, 7 water. */
  readonly medium: number;
  readonly status?: number;
  readonly records: readonly MbusRecord[];
  /** DIF 1F in the place of the end. */
  readonly moreFollow?: boolean;
}

export interface MbusRecord {
  /** VIF and VIFEs with their extension bits. */
  readonly value: readonly number[];
  readonly coding: 'bcd' | 'integer' | 'float';
  readonly bytes: 1 | 2 | 3 | 4 | 6 | 8;
  /** In steps of the VIF, as it stands in the telegram. */
  readonly count: number;
  readonly valueFunction?: 'instantaneous' | 'maximum' | 'minimum' | 'during error';
  readonly storage?: number;
  readonly tariff?: number;
}

const responseControl = 0x08;
const longHeader = 0x72;
const dataCodes = { integer: [0, 1, 2, 3, 4, 0, 6, 0, 7], bcd: [0, 9, 10, 11, 12, 0, 14, 0, 0] };
const floatCode = 5;
const functions = ['instantaneous', 'maximum', 'minimum', 'during error'] as const;

/** The frame in which a meter answers. Throws where the records do not fit. */
export function encodeMbus(telegram: MbusTelegram): Uint8Array {
  const { address, id, manufacturer, version, medium, status = 0, records } = telegram;
  const letters = [...manufacturer].map((letter) => letter.charCodeAt(0) - 0x40);
  const maker = letters.reduce((code, letter) => (code << 5) | letter, 0);
  const header = [
    ...Buffer.from(id, 'hex').reverse(),
    maker & 0xff,
    maker >> 8,
    version,
    medium,
    0,
    status,
    0,
    0,
  ];
  const data = records.flatMap(encodeRecord);
  return encodeLongFrame(
    { control: responseControl, address, controlInformation: longHeader },
    Uint8Array.from([...header, ...data, ...(telegram.moreFollow ? [0x1f] : [])]),
  );
}

function encodeRecord(record: MbusRecord): readonly number[] {
  const { coding, bytes, storage = 0, tariff = 0, valueFunction = 'instantaneous' } = record;
  const code = coding === 'float' ? floatCode : dataCodes[coding][bytes]!;
  const dif = code | (functions.indexOf(valueFunction) << 4) | ((storage & 1) << 6);
  const extensions: number[] = [];
  for (let rest = storage >> 1, left = tariff; rest > 0 || left > 0; rest >>= 4, left >>= 2) {
    extensions.push((rest & 0x0f) | ((left & 0b11) << 4));
  }
  return [...chained([dif, ...extensions]), ...record.value, ...encodeData(record)];
}

/** All but the last have the extension bit. */
const chained = (codes: readonly number[]): readonly number[] =>
  codes.map((code, index) => (index < codes.length - 1 ? code | 0x80 : code));

function encodeData({ coding, bytes, count }: MbusRecord): readonly number[] {
  const data = Buffer.alloc(bytes);
  if (coding === 'float') data.writeFloatLE(count);
  else if (coding === 'integer') data.writeIntLE(count, 0, Math.min(bytes, 6));
  else {
    const digits = String(Math.abs(count)).padStart(2 * bytes, '0');
    data.set(Buffer.from(count < 0 ? `F${digits.slice(1)}` : digits, 'hex').reverse());
  }
  return [...data];
}

type Row = readonly [QuantityName, Pick<MbusRecord, 'value' | 'coding' | 'bytes'>, number];

const heatRows: readonly Row[] = [
  // 0.001 GJ, 0.01 m3, 10 W, 0.001 m3/h, 0.1 °C: what heat meters usually resolve.
  ['heatJ', { value: [0x0e], coding: 'bcd', bytes: 4 }, 1e6],
  ['volumeL', { value: [0x14], coding: 'bcd', bytes: 4 }, 10],
  ['heatPowerW', { value: [0x2c], coding: 'bcd', bytes: 4 }, 10],
  ['volumeFlowLPerH', { value: [0x3b], coding: 'bcd', bytes: 3 }, 1],
  ['flowTemperatureC', { value: [0x5a], coding: 'bcd', bytes: 2 }, 0.1],
  ['returnTemperatureC', { value: [0x5e], coding: 'bcd', bytes: 2 }, 0.1],
];
const volumeRows: readonly Row[] = [
  ['volumeL', { value: [0x13], coding: 'bcd', bytes: 4 }, 1],
  ['volumeFlowLPerH', { value: [0x3b], coding: 'bcd', bytes: 3 }, 1],
];
const electricityRows: readonly Row[] = [
  ['energyImportWh', { value: [0x03], coding: 'integer', bytes: 4 }, 1],
  ['energyExportWh', { value: [0x83, 0x3c], coding: 'integer', bytes: 4 }, 1],
  ['powerW', { value: [0x2b], coding: 'integer', bytes: 4 }, 1],
  ['voltageL1V', { value: [0xfd, 0xc8, 0xff, 0x01], coding: 'integer', bytes: 2 }, 0.1],
  ['currentL1A', { value: [0xfd, 0xd9, 0xff, 0x01], coding: 'integer', bytes: 4 }, 0.001],
];
const rowsOfMedium: Readonly<Record<number, readonly Row[]>> = {
  2: electricityRows,
  3: volumeRows,
  4: heatRows,
  6: volumeRows,
  7: volumeRows,
};

/** Records for what is measured, as a meter of that medium sends them. */
export function mbusRecordsOf(medium: number, measured: Measured): readonly MbusRecord[] {
  return (rowsOfMedium[medium] ?? []).flatMap(([quantity, form, step]) => {
    const value = measured[quantity];
    return value === undefined ? [] : [{ ...form, count: Math.round(value / step) }];
  });
}
