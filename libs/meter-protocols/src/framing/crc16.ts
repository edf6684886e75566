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

function crc16({ polynomial, initial, finalXor }: Crc16Parameters): Checksum {
  const table = remainders(polynomial);
  return (bytes, start = 0, end = bytes.length) => {
    let crc = initial;
    for (let index = start; index < end; index += 1) {
      crc = (crc >>> 8) ^ table[(crc ^ bytes[index]!) & 0xff]!;
    }
    return crc ^ finalXor;
  };
}

function remainders(polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    }
    return remainder;
  });
}
