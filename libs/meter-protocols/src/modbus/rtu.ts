import { crc16Modbus } from '../framing/crc16.js';
import {
  exceptionPduBytes,
  isReadFunction,
  readExceptionPdu,
  readReplyPdu,
  readRequestPdu,
  replyPduBytes,
  requestPduBytes,
  type Pdu,
} from './frames.js';
import type { FrameScan } from './scanner.js';

const unitMax = 247;
const exceptionBit = 0x80;
/** Address before the PDU, CRC after it. */
const overheadBytes = 3;

const none: FrameScan = { kind: 'none' };
const incomplete: FrameScan = { kind: 'incomplete' };
const check: FrameScan = { kind: 'check' };

type ReadPdu = (pdu: Uint8Array) => Pdu | null;

/**
 * The serial frame at the start of some bytes. Nothing but the CRC tells a request from a reply,
 * and nothing but silence, which a stream has not, tells where a frame begins: every place is
 * tried. A beginning that is not whole is given up for a frame that follows whole.
 */
export function scanRtu(held: Uint8Array): FrameScan {
  const scan = scanStart(held);
  return scan.kind === 'incomplete' && holdsFrame(held) ? none : scan;
}

const frameBytesMin = exceptionPduBytes + overheadBytes;

function holdsFrame(held: Uint8Array): boolean {
  for (let at = 1; at + frameBytesMin <= held.length; at += 1) {
    if (!isReadFunction(held[at + 1]! & ~exceptionBit)) continue;
    if (scanStart(held.subarray(at)).kind === 'frame') return true;
  }
  return false;
}

function scanStart(held: Uint8Array): FrameScan {
  const unit = held[0]!;
  if (unit < 1 || unit > unitMax) return none;
  if (held.length < 2) return incomplete;
  const code = held[1]!;
  if (isReadFunction(code & ~exceptionBit) && (code & exceptionBit) !== 0) {
    return scanAs(held, exceptionPduBytes, readExceptionPdu);
  }
  if (!isReadFunction(code)) return none;
  if (held.length < 3) return incomplete;
  const replyBytes = replyPduBytes(held[2]);
  const reply = (): FrameScan => scanAs(held, replyBytes, readReplyPdu);
  if (replyBytes > 0 && replyBytes < requestPduBytes) {
    const scan = reply();
    if (scan.kind === 'frame' || scan.kind === 'incomplete') return scan;
  }
  const request = scanAs(held, requestPduBytes, readRequestPdu);
  if (request.kind === 'frame' || request.kind === 'incomplete') return request;
  return replyBytes > 0 ? reply() : none;
}

function scanAs(held: Uint8Array, pduBytes: number, readPdu: ReadPdu): FrameScan {
  const bytes = pduBytes + overheadBytes;
  if (held.length < bytes) return incomplete;
  const stated = held[bytes - 2]! | (held[bytes - 1]! << 8);
  if (crc16Modbus(held, 0, bytes - 2) !== stated) return check;
  const pdu = readPdu(held.subarray(1, bytes - 2));
  return pdu === null ? none : { kind: 'frame', pdu, unit: held[0]!, transaction: 0, bytes };
}
