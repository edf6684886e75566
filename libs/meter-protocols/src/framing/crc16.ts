/**
 * The CRC-16 family of metering, all with reflected input and output.
 *
 * A checksum function takes the bytes from `start` up to but not including `end`.
 */
export type Checksum = (bytes: Uint8Array, start?: number, end?: number) => number;

/** CRC-16/ARC: the P1 companion standard, §5.2. */
export const crc16Arc = crc16({ polynomial: 0xa001, initial: 0x0000, finalXor: 0x0000 });
/** CRC-16/MODBUS: Modbus over serial line 1.02, §6.2.2. */
export const crc16Modbus = crc16({ polynomial: 0xa001, initial: 0xffff, finalXor: 0x0000 });
/** CRC-16/X-25: the frame check sequence of HDLC (ISO/IEC 13239) and SML. */
export const crc16X25 = crc16({ polynomial: 0x8408, initial: 0xffff, finalXor: 0xffff });
/** CRC-16/KERMIT: what some SML meters compute instead of X-25. */
export const crc16Kermit = crc16({ polynomial: 0x8408, initial: 0x0000, finalXor: 0x0000 });

interface Crc16Parameters {
  /** Bit-reversed, as a reflected algorithm wants it. */
  readonly polynomial: number;
  readonly initial: number;
  readonly finalXor: number;
}

/**
 * Eight bytes a round, each by the remainders that carry it over the bytes behind it. Those that
 * need the checksum so far come last, so that the others do not wait for it.
 */
function crc16({ polynomial, initial, finalXor }: Crc16Parameters): Checksum {
  const over = remainders(polynomial);
  return (bytes, start = 0, end = bytes.length) => {
    let crc = initial;
    let index = start;
    for (; index + 8 <= end; index += 8) {
      const ahead =
        over[0x500 | bytes[index + 2]!]! ^
        over[0x400 | bytes[index + 3]!]! ^
        over[0x300 | bytes[index + 4]!]! ^
        over[0x200 | bytes[index + 5]!]! ^
        over[0x100 | bytes[index + 6]!]! ^
        over[bytes[index + 7]!]!;
      const low = (crc ^ bytes[index]!) & 0xff;
      const high = (crc >>> 8) ^ bytes[index + 1]!;
      crc = ahead ^ over[0x700 | low]! ^ over[0x600 | high]!;
    }
    for (; index < end; index += 1) crc = (crc >>> 8) ^ over[(crc ^ bytes[index]!) & 0xff]!;
    return crc ^ finalXor;
  };
}

/** At `n << 8 | byte`, what is left of a byte with n bytes behind it: one table, one bound. */
function remainders(polynomial: number): Uint16Array {
  const table = new Uint16Array(8 << 8);
  for (let index = 0; index < 0x100; index += 1) {
    let remainder = index;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    }
    table[index] = remainder;
  }
  for (let index = 0x100; index < table.length; index += 1) {
    const nearer = table[index - 0x100]!;
    table[index] = (nearer >>> 8) ^ table[nearer & 0xff]!;
  }
  return table;
}
