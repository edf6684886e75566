import { Buffer } from 'node:buffer';

const namesMax = 256;
const textsMax = 64;
const textBytesMax = 128;

const printable = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e;

/**
 * Texts of octet strings. A meter says the same codes, names and keys in every telegram, so they
 * are looked up, and only the first telegram pays for making them. Both tables have fixed sizes;
 * a colliding entry simply replaces the older one.
 */
export class OctetTexts {
  private readonly nameHighs = new Int32Array(namesMax).fill(-1);
  private readonly nameLows = new Int32Array(namesMax);
  private readonly names: string[] = new Array<string>(namesMax).fill('');
  private readonly textBytes: Uint8Array[] = new Array<Uint8Array>(textsMax).fill(
    new Uint8Array(0),
  );
  private readonly texts: string[] = new Array<string>(textsMax).fill('');

  /** Six bytes as `A-B:C.D.E`, with `*F` only where F is not 255. */
  obis(bytes: Uint8Array, at: number): string {
    const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const slot = (bytes[at + 2]! * 5 + bytes[at + 3]! * 3 + bytes[at + 4]! * 17 + low) & 255;
    if (this.nameHighs[slot] === high && this.nameLows[slot] === low) return this.names[slot]!;
    const [a, b, c, d, e, f] = bytes.subarray(at, at + 6);
    const name = `${a}-${b}:${c}.${d}.${e}${f === 255 ? '' : `*${f}`}`;
    this.nameHighs[slot] = high;
    this.nameLows[slot] = low;
    this.names[slot] = name;
    return name;
  }

  /** Printable ASCII as it is, anything else as lower-case hexadecimal digits. */
  text(bytes: Uint8Array, start: number, size: number): string {
    if (size === 0) return '';
    if (size > textBytesMax) return octetText(bytes, start, size);
    const slot =
      (size * 31 + bytes[start]! + bytes[start + size - 1]! * 7 + bytes[start + (size >> 1)]! * 3) &
      (textsMax - 1);
    const known = this.textBytes[slot]!;
    if (known.length === size && equals(known, bytes, start)) return this.texts[slot]!;
    const text = octetText(bytes, start, size);
    this.textBytes[slot] = bytes.slice(start, start + size);
    this.texts[slot] = text;
    return text;
  }
}

function equals(known: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < known.length; index += 1) {
    if (known[index] !== bytes[start + index]) return false;
  }
  return true;
}

function octetText(bytes: Uint8Array, start: number, size: number): string {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, size);
  return part.toString(part.every(printable) ? 'latin1' : 'hex');
}
