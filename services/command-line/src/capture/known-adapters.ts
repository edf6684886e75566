/** What is known of USB serial adapters by their chip: most cables are one of these. */
export interface KnownAdapter {
  /** Vendor and product in hexadecimal, as lsusb shows them. */
  readonly usbId: string;
  readonly chip: string;
  readonly usually: string;
}

export const knownAdapters: readonly KnownAdapter[] = [
  ['0403:6001', 'FTDI FT232R', 'P1 cables, optical heads'],
  ['0403:6010', 'FTDI FT2232', 'RS-485 converters with two lines'],
  ['0403:6014', 'FTDI FT232H', 'P1 cables, converters'],
  ['0403:6015', 'FTDI FT230X', 'P1 cables, TIC adapters, optical heads'],
  ['10c4:ea60', 'Silicon Labs CP210x', 'optical heads, M-Bus adapters, RS-485 converters'],
  ['1a86:7523', 'WCH CH340', 'RS-485 converters, M-Bus adapters, cheap P1 cables'],
  ['1a86:55d3', 'WCH CH343', 'RS-485 converters'],
  ['1a86:55d4', 'WCH CH9102', 'microcontroller boards'],
  ['067b:2303', 'Prolific PL2303', 'P1 cables, M-Bus adapters'],
  ['067b:23a3', 'Prolific PL2303GS', 'P1 cables'],
  ['2341:0043', 'Arduino Uno', 'own counters that print lines (text-line)'],
  ['2e8a:000a', 'Raspberry Pi Pico', 'own counters that print lines (text-line)'],
  ['303a:1001', 'Espressif ESP32', 'own counters that print lines (text-line)'],
].map(([usbId, chip, usually]) => ({ usbId: usbId!, chip: chip!, usually: usually! }));
