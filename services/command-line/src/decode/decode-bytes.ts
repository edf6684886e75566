import { isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
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

/** What is printed of a result leaves out `checked`: a telegram that failed its check is a fault. */
export function outputOf(result: Telegram | Fault): object {
  if (isFault(result)) return result;
  const { protocol, meter, at, registers, warnings } = result;
  return { protocol, meter, at, registers: registers.map(withFiveGroups), warnings };
}

/** `A-B:C.D.E*F`: F is a period of the past, but for names and versions (C is 96, or C.D 0.2). */
const sixGroups = /^(\d+-\d+:(\d+\.\d+)\.\d+)\*\d+$/;
const nameCodes = /^(?:96\.|0\.2$)/;

/** A code has five groups; with a sixth one it is a label, lest it pass for the present value. */
function withFiveGroups(register: Register): Register {
  const { obis, label = obis, ...rest } = register;
  const [, code, kind] = sixGroups.exec(obis ?? '') ?? [];
  if (code === undefined) return register;
  const isName = nameCodes.test(kind!) && typeof rest.value === 'string';
  return { ...(isName ? { obis: code } : {}), label: label!, ...rest };
}
