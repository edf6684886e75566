import type { Telegram } from '@wattbus/energy-model';

/** Length or kind (0x09 or 0x0A), medium 1 = electricity, then the manufacturer's FLAG letters. */
const identificationNumber = /^0[89ab]01((?:4[1-9a-f]|5[0-9a]){3})([0-9a-f]{2})([0-9a-f]{8})$/;
/** EDL meters before that standard: kind 06, manufacturer, then the manufacturer's own number. */
const earlyNumber = /^06((?:4[1-9a-f]|5[0-9a]){3})[0-9a-f]{12}$/;

export interface ServerId {
  readonly meter: Telegram['meter'];
  /** The eight digits after the block of the identification number, if it is one. */
  readonly serial: number | null;
}

/**
 * What a server id tells about the meter.
 *
 * A ten-byte id is the identification number of DIN 43863-5 in binary: `0A 01 45 4D 48 00 00 9F 38
 * 46` is what the meter's plate says, `1EMH0010434630`. Any other id stays as it is.
 */
export function readServerId(text: string): ServerId {
  const match = identificationNumber.exec(text);
  if (match) {
    const manufacturer = letters(match[1]!);
    const serial = parseInt(match[3]!, 16);
    const number = String(serial).padStart(8, '0');
    const id = `1${manufacturer}${match[2]!.toUpperCase()}${number}`;
    return { meter: { id, manufacturer }, serial };
  }
  const early = earlyNumber.exec(text);
  if (early) return { meter: { id: text, manufacturer: letters(early[1]!) }, serial: null };
  return { meter: text === '' ? {} : { id: text }, serial: null };
}

function letters(hex: string): string {
  const codes = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return String.fromCharCode(...codes);
}

/** The inverse for the encoder: `1EMH0010434630` → ten bytes, or null where it is no such number. */
export function encodeServerId(id: string): Uint8Array | null {
  const match = /^1([A-Z]{3})([0-9A-F]{2})(\d{8,10})$/.exec(id);
  if (!match || Number(match[3]) > 0xffffffff) return null;
  const bytes = new Uint8Array(10);
  bytes.set([0x0a, 0x01, ...[...match[1]!].map((letter) => letter.charCodeAt(0))]);
  bytes[5] = parseInt(match[2]!, 16);
  new DataView(bytes.buffer).setUint32(6, Number(match[3]));
  return bytes;
}
