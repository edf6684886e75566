import type { DecoderOptions, MeterProtocol, SerialSettings } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { DateTime } from 'luxon';

/** The line settings that are configured. */
export function statedSettings(meter: MeterConfig): Partial<SerialSettings> {
  const { baudRate, dataBits, parity, stopBits } = meter;
  return {
    ...(baudRate === undefined ? {} : { baudRate }),
    ...(dataBits === undefined ? {} : { dataBits }),
    ...(parity === undefined ? {} : { parity }),
    ...(stopBits === undefined ? {} : { stopBits }),
  };
}

/** Those, where given, in place of the protocol's usual ones. */
export function settingsOf(meter: MeterConfig, protocol: MeterProtocol): SerialSettings {
  return { ...protocol.serialSettings[0]!, ...statedSettings(meter) };
}

export function decoderOptionsOf(meter: MeterConfig, zone: string, year: number): DecoderOptions {
  return {
    standardOffsetMinutes: meter.standardOffsetMinutes ?? standardOffsetMinutes(zone, year),
    lenient: meter.lenient,
    ...(meter.pattern === undefined ? {} : { pattern: meter.pattern }),
    ...(meter.address === undefined ? {} : { address: meter.address }),
    ...(meter.fields === undefined ? {} : { fields: meter.fields }),
    ...(meter.pulse === undefined ? {} : { pulse: pulseOf(meter.pulse) }),
    ...(meter.registerMap === undefined ? {} : { registerMap: meter.registerMap }),
    ...(meter.key === undefined ? {} : { key: bytesOfHex(meter.key) }),
    ...(meter.authenticationKey === undefined
      ? {}
      : { authenticationKey: bytesOfHex(meter.authenticationKey) }),
  };
}

const pulseOf = ({
  perUnit,
  pollMs,
  lengthMsMin,
  ...pulse
}: NonNullable<MeterConfig['pulse']>): NonNullable<DecoderOptions['pulse']> => ({
  ...pulse,
  ...(perUnit === undefined ? {} : { perUnit }),
  ...(pollMs === undefined ? {} : { pollMs }),
  ...(lengthMsMin === undefined ? {} : { lengthMsMin }),
});

/** Winter time is what a zone has in January north of the equator and in July south of it. */
function standardOffsetMinutes(zone: string, year: number): number {
  const offsets = [1, 7].map((month) => DateTime.fromObject({ year, month }, { zone }).offset);
  return Math.min(...offsets);
}

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
