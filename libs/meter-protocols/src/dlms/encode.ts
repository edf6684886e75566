import type { Securing } from '../framing/aes-gcm.js';
import { encodeHdlcFrame } from '../framing/hdlc.js';
import { encodeLongFrame } from '../framing/wired-mbus-frame.js';
import { encodeCiphered } from './ciphering.js';
import { dataTag } from './data-types.js';
import {
  encodeArray,
  encodeDataNotification,
  encodeDateTime,
  encodeInteger,
  encodeObis,
  encodeOctets,
  encodeScalerUnit,
  encodeStructure,
  encodeText,
} from './encode-data.js';
import { concatenate, encodeLength } from './octets.js';
import { blockTransferTag } from './reassembly.js';

/** What meters push, for the simulator and for tests: lists, ciphering, block transfer, frames. */

/** A value as a person writes it: 231.4 with unit V and scaler −1 goes out as 2314. */
export interface ListValue {
  readonly obis: string;
  readonly value: number | string;
  /** A DLMS unit; needed for numbers. */
  readonly unit?: string;
  readonly scaler?: number;
}

const raw = ({ value, scaler = 0 }: ListValue): number => Math.round(Number(value) * 10 ** -scaler);

/** Currents go out signed and voltages unsigned in 16 bits, everything else in 32. */
function encodeNumber(listValue: ListValue): Uint8Array {
  if (listValue.unit === 'A') return encodeInteger(raw(listValue), 'long');
  if (listValue.unit === 'V') return encodeInteger(raw(listValue), 'longUnsigned');
  return encodeInteger(raw(listValue), 'doubleLongUnsigned');
}

const nordicInvokeId = 0x40000000;

/** Aidon, and in this shape Landis+Gyr in Norway: code, value, scaler and unit in structures. */
export function encodeAidonPush(values: readonly ListValue[], clock?: string): Uint8Array {
  const members = values.map((listValue) => {
    const { obis, value, unit = '', scaler = 0 } = listValue;
    return typeof value === 'string'
      ? encodeStructure(encodeObis(obis), encodeText(value))
      : encodeStructure(encodeObis(obis), encodeNumber(listValue), encodeScalerUnit(scaler, unit));
  });
  if (clock !== undefined) {
    members.push(encodeStructure(encodeObis('0-0:1.0.0'), encodeOctets(encodeDateTime(clock))));
  }
  return encodeDataNotification({
    invokeId: nordicInvokeId,
    at: null,
    body: encodeArray(...members),
  });
}

export interface KaifaList {
  /** ISO 8601 without offset. */
  readonly at: string;
  readonly powerW: number;
  /** Lists 2 and 3: who the meter is and its phases, of which there are one or three. */
  readonly detail?: {
    readonly id: string;
    readonly model: string;
    readonly exportW: number;
    readonly reactiveImportVar: number;
    readonly reactiveExportVar: number;
    readonly currentsA: readonly number[];
    readonly voltagesV: readonly number[];
    /** List 3, once an hour: A+, A−, R+, R−. */
    readonly energies?: readonly [number, number, number, number];
  };
}

/** Kaifa in Norway and Sweden: values without codes, known by their places. */
export function encodeKaifaPush({ at, powerW, detail }: KaifaList): Uint8Array {
  const double = (value: number) => encodeInteger(Math.round(value), 'doubleLongUnsigned');
  const text = (value: string) => encodeText(value, dataTag.octetString);
  const members = detail
    ? [
        ...['KFM_001', detail.id, detail.model].map(text),
        ...[powerW, detail.exportW, detail.reactiveImportVar, detail.reactiveExportVar].map(double),
        ...detail.currentsA.map((current) => double(current * 1000)),
        ...detail.voltagesV.map((voltage) => double(voltage * 10)),
        ...(detail.energies
          ? [encodeOctets(encodeDateTime(at)), ...detail.energies.map(double)]
          : []),
      ]
    : [double(powerW)];
  return encodeDataNotification({
    invokeId: nordicInvokeId,
    at,
    isTimeTagged: true,
    body: encodeStructure(...members),
  });
}

/** Kamstrup: codes and values in a row, without scalers (0.01 A, 1 V, 10 Wh). */
export function encodeKamstrupPush(at: string, values: readonly ListValue[]): Uint8Array {
  const members = values.flatMap((listValue) => [
    encodeObis(listValue.obis),
    typeof listValue.value === 'string'
      ? encodeText(listValue.value)
      : listValue.unit === 'V'
        ? encodeInteger(raw(listValue), 'longUnsigned')
        : encodeInteger(raw(listValue), 'doubleLongUnsigned'),
  ]);
  const body = encodeStructure(encodeText('Kamstrup_V0001'), ...members);
  return encodeDataNotification({ invokeId: 0, at, body });
}

/** Netz Niederösterreich: time, then code, value, scaler-unit in a row, the number last. */
export function encodeAustrianPush(
  at: string,
  values: readonly ListValue[],
  meterNumber: string,
): Uint8Array {
  const members = values.flatMap((listValue) => [
    encodeObis(listValue.obis),
    encodeNumber(listValue),
    encodeScalerUnit(listValue.scaler ?? 0, listValue.unit ?? ''),
  ]);
  const body = encodeStructure(
    encodeOctets(encodeDateTime(at)),
    ...members,
    encodeText(meterNumber, dataTag.octetString),
  );
  return encodeDataNotification({ invokeId: 0x8006870e, at, body });
}

const llcHeader = Uint8Array.of(0xe6, 0xe7, 0x00);
const hdlcAddresses = { destination: Uint8Array.of(0x41), source: Uint8Array.of(0x08, 0x83) };
const unnumberedInformation = 0x13;
const informationBytesDefault = 2000;

/** An APDU in HDLC frames; `informationBytes` of it a frame, the first one with the LLC header. */
export function encodeHdlcPush(
  apdu: Uint8Array,
  informationBytes = informationBytesDefault,
): Uint8Array {
  const parts = split(concatenate([llcHeader, apdu]), informationBytes);
  const header = { ...hdlcAddresses, control: unnumberedInformation };
  return concatenate(
    parts.map((part, index) =>
      encodeHdlcFrame({ ...header, segmented: index < parts.length - 1 }, part),
    ),
  );
}

const mbusHeader = { control: 0x53, address: 0xff };
const transport = Uint8Array.of(0x01, 0x67);
const lastFrameBit = 0x10;
/** The longest frame has 255 bytes after the length, five of which are no data. */
const mbusDataBytesDefault = 245;

/** An APDU in M-Bus long frames, as in Austria; 252 bytes a frame wrap the length byte. */
export function encodeMbusPush(apdu: Uint8Array, dataBytes = mbusDataBytesDefault): Uint8Array {
  const parts = split(apdu, dataBytes);
  return concatenate(
    parts.map((part, index) => {
      const controlInformation = index | (index === parts.length - 1 ? lastFrameBit : 0);
      return encodeLongFrame({ ...mbusHeader, controlInformation }, concatenate([transport, part]));
    }),
  );
}

/** A ciphered push of an Austrian meter. */
export const encodeCipheredMbusPush = (apdu: Uint8Array, cipher: Securing): Uint8Array =>
  encodeMbusPush(encodeCiphered(apdu, cipher));

const lastBlock = 0x80;
const streaming = 0x40;

/** General block transfer over HDLC, as Landis+Gyr does: the LLC header only in the first frame. */
export function encodeBlockPush(apdu: Uint8Array, blockBytes: number): Uint8Array {
  const blocks = split(apdu, blockBytes);
  const frames = blocks.map((block, index) => {
    const isLast = index === blocks.length - 1;
    const number = index + 1;
    const head = [blockTransferTag, streaming | (isLast ? lastBlock : 0)];
    const information = concatenate([
      index === 0 ? llcHeader : new Uint8Array(0),
      Uint8Array.of(...head, number >> 8, number & 0xff, 0, 0, ...encodeLength(block.length)),
      block,
    ]);
    return encodeHdlcFrame({ ...hdlcAddresses, control: unnumberedInformation }, information);
  });
  return concatenate(frames);
}

function split(bytes: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) {
    parts.push(bytes.subarray(at, at + partBytes));
  }
  return parts;
}
