import {
  exceptionPduBytes,
  readExceptionPdu,
  readReplyPdu,
  readRequestPdu,
  replyHeaderBytes,
  requestPduBytes,
} from './frames.js';
import type { FrameScan } from './scanner.js';

/** Transaction, protocol, length and unit before the PDU. */
const headerBytes = 7;
const lengthMax = 254;

const none: FrameScan = { kind: 'none' };
const incomplete: FrameScan = { kind: 'incomplete' };

/** The Modbus TCP frame at the start of some bytes; it has no checksum, so its form has to fit. */
export function scanTcp(held: Uint8Array): FrameScan {
  if (held.length < headerBytes + 1) return incomplete;
  const length = (held[4]! << 8) | held[5]!;
  const pduBytes = length - 1;
  const isHeader = held[2] === 0 && held[3] === 0 && length <= lengthMax;
  if (!isHeader || pduBytes < exceptionPduBytes) return none;
  const code = held[7]! & 0x7f;
  const isReply = pduBytes > replyHeaderBytes && held[8] === pduBytes - replyHeaderBytes;
  const mayFit = pduBytes === exceptionPduBytes || pduBytes === requestPduBytes || isReply;
  if (code !== 3 && code !== 4) return none;
  if (held.length < headerBytes + replyHeaderBytes) return incomplete;
  if (!mayFit) return none;
  const bytes = headerBytes + pduBytes;
  if (held.length < bytes) return incomplete;
  const body = held.subarray(headerBytes, bytes);
  const pdu =
    pduBytes === exceptionPduBytes
      ? readExceptionPdu(body)
      : (readReplyPdu(body) ?? (pduBytes === requestPduBytes ? readRequestPdu(body) : null));
  if (pdu === null) return none;
  return { kind: 'frame', pdu, unit: held[6]!, transaction: (held[0]! << 8) | held[1]!, bytes };
}
