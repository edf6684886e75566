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

/** Eight bytes a round: each table carries a byte's remainder over the bytes that follow it. */
function crc16({ polynomial, initial, finalXor }: Crc16Parameters): Checksum {
  const [over0, over1, over2, over3, over4, over5, over6, over7] = remainders(polynomial);
  return (bytes, start = 0, end = bytes.length) => {
    let crc = initial;
    let index = start;
    for (; index + 8 <= end; index += 8) {
      const low = (crc ^ bytes[index]!) & 0xff;
      const high = (crc >>> 8) ^ bytes[index + 1]!;
      crc =
        over7[low]! ^
        over6[high]! ^
        over5[bytes[index + 2]!]! ^
        over4[bytes[index + 3]!]! ^
        over3[bytes[index + 4]!]! ^
        over2[bytes[index + 5]!]! ^
        over1[bytes[index + 6]!]! ^
        over0[bytes[index + 7]!]!;
    }
    for (; index < end; index += 1) crc = (crc >>> 8) ^ over0[(crc ^ bytes[index]!) & 0xff]!;
    return crc ^ finalXor;
  };
}

type Table = Uint16Array;
type Tables = [Table, Table, Table, Table, Table, Table, Table, Table];

function remainders(polynomial: number): Tables {
  const tables = Array.from({ length: 8 }, table) as Tables;
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    }
    tables[0][byte] = remainder;
  }
  for (let byte = 0; byte < 256; byte += 1) {
    for (const [position, shorter] of tables.slice(0, -1).entries()) {
      const remainder = shorter[byte]!;
      tables[position + 1]![byte] = (remainder >>> 8) ^ tables[0][remainder & 0xff]!;
    }
  }
  return tables;
}

function table(): Uint16Array {
  return new Uint16Array(256);
}
