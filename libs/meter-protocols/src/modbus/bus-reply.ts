import { crc16Modbus } from '../framing/crc16.js';
import { exceptionPduBytes, replyPduBytes, type ModbusAddress } from './frames.js';

/** Read Device Identification (Modbus application protocol 1.1b3, §6.21). */
export const identificationFunction = 0x2b;
const mei = 0x0e;
const basicIdentification = 0x01;
/** From its first object on. */
export const identificationPdu = Uint8Array.of(identificationFunction, mei, basicIdentification, 0);

/** What was answered to one request: the data, or that it was refused. */
export type BusReply =
  { readonly kind: 'data'; readonly data: Uint8Array } | { readonly kind: 'refused' };

const tcpHeaderBytes = 7;
const crcBytes = 2;
const exceptionBit = 0x80;

/**
 * The reply to a request of a function among bytes that came since; null while there is none. On a
 * serial line it may stand behind the echo of the request and behind noise: its checksum tells.
 */
export function replyIn(
  bytes: Uint8Array,
  { framing, unit }: ModbusAddress,
  asked: number,
): BusReply | null {
  const head = framing === 'tcp' ? tcpHeaderBytes : 1;
  for (let start = 0; start + head + exceptionPduBytes <= bytes.length; start += 1) {
    if (bytes[start + head - 1] !== unit) continue;
    const pdu = bytes.subarray(start + head);
    if ((pdu[0]! & ~exceptionBit) !== asked) continue;
    const length = pduBytes(pdu);
    const end = start + head + length;
    if (length === 0 || end > bytes.length || !isWhole(bytes, start, end, framing)) continue;
    return pdu[0] === asked
      ? { kind: 'data', data: Uint8Array.from(pdu.subarray(dataAt(asked), length)) }
      : { kind: 'refused' };
  }
  return null;
}

const dataAt = (asked: number): number => (asked === identificationFunction ? 1 : 2);

function isWhole(
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: ModbusAddress['framing'],
): boolean {
  if (framing === 'tcp') return (bytes[start + 4]! << 8) + bytes[start + 5]! === end - start - 6;
  if (end + crcBytes > bytes.length) return false;
  const crc = crc16Modbus(bytes, start, end);
  return bytes[end] === (crc & 0xff) && bytes[end + 1] === crc >> 8;
}

/** 0 where the bytes are no reply, or too few to say. */
function pduBytes(pdu: Uint8Array): number {
  if ((pdu[0]! & exceptionBit) !== 0) return exceptionPduBytes;
  if (pdu[0] !== identificationFunction) return replyPduBytes(pdu[1]);
  return pdu[1] === mei ? objectsEnd(pdu) : 0;
}

/** Behind the function: kind, access, conformity, more follows, next object, number of objects. */
const objectsAt = 7;

function objectsEnd(pdu: Uint8Array): number {
  let end = objectsAt;
  for (let object = 0; object < (pdu[objectsAt - 1] ?? 0); object += 1) {
    const length = pdu[end + 1];
    if (length === undefined) return 0;
    end += 2 + length;
  }
  return pdu.length < objectsAt ? 0 : end;
}
