import type { Fault, Telegram } from '@wattbus/energy-model';
import type { DecoderOptions, MeterProtocol } from '@wattbus/meter-protocols';

const pieceBytes = 64 * 1024;

/** Decodes a file from its first byte to its last, piece by piece. */
export function* decodePieces(
  protocol: MeterProtocol,
  options: DecoderOptions,
  bytes: Uint8Array,
): Generator<readonly (Telegram | Fault)[]> {
  const decoder = protocol.decoder(options);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  yield decoder.end?.() ?? [];
}

export const decodeWhole = (
  protocol: MeterProtocol,
  options: DecoderOptions,
  bytes: Uint8Array,
): readonly (Telegram | Fault)[] => [...decodePieces(protocol, options, bytes)].flat();
