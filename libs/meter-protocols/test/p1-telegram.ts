import { Buffer } from 'node:buffer';
import { crc16Arc } from '../src/framing/crc16.js';

/** A telegram of invented data lines, with CR LF and the checksum that belongs to it. */
export function p1Telegram(lines: readonly string[], ident = 'WBS5\\2TEST-1'): Buffer {
  const body = Buffer.from([`/${ident}`, '', ...lines, '!'].join('\r\n'), 'latin1');
  const crc = crc16Arc(body).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.concat([body, Buffer.from(`${crc}\r\n`)]);
}

/** The same without a checksum, as before version 4. */
export const uncheckedTelegram = (lines: readonly string[], ident = 'WBS5\\2TEST-1'): Buffer =>
  Buffer.from([`/${ident}`, '', ...lines, '!', ''].join('\r\n'), 'latin1');
