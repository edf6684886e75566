import type { DecoderOptions, MeterProtocol, SerialSettings } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { DateTime } from 'luxon';

/** The configured line settings, where given, in place of the protocol's usual ones. */
export function settingsOf(meter: MeterConfig, protocol: MeterProtocol): SerialSettings {
  const usual = protocol.serialSettings[0]!;
  return {
    baudRate: meter.baudRate ?? usual.baudRate,
    dataBits: meter.dataBits ?? usual.dataBits,
    parity: meter.parity ?? usual.parity,
    stopBits: meter.stopBits ?? usual.stopBits,
  };
}

export function decoderOptionsOf(meter: MeterConfig, zone: string, year: number): DecoderOptions {
  return {
    standardOffsetMinutes: meter.standardOffsetMinutes ?? standardOffsetMinutes(zone, year),
    lenient: meter.lenient,
    ...(meter.pattern === undefined ? {} : { pattern: meter.pattern }),
    ...(meter.key === undefined ? {} : { key: bytesOfHex(meter.key) }),
    ...(meter.authenticationKey === undefined
      ? {}
      : { authenticationKey: bytesOfHex(meter.authenticationKey) }),
  };
}

/** Winter time is what a zone has in January north of the equator and in July south of it. */
function standardOffsetMinutes(zone: string, year: number): number {
  const offsets = [1, 7].map((month) => DateTime.fromObject({ year, month }, { zone }).offset);
  return Math.min(...offsets);
}

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
