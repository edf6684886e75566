import { faultCodes, isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { mayBeginRawApdu, readFrameEnd, readRawApdu } from '../src/dlms/raw-apdu.js';
import { readHdlcFrame } from '../src/framing/hdlc.js';
import { readLongFrame } from '../src/framing/wired-mbus-frame.js';
import type { Random } from './random.js';
import type { FuzzTarget } from './targets.js';

/** What a decoder did that it must not do. */
export interface Finding {
  readonly kind: 'threw' | 'shape' | 'cut' | 'lost' | 'slow';
  readonly detail: string;
}

export interface Checked {
  readonly finding?: Finding;
  /** What came out, without its numbers: inputs that make something new are worth keeping. */
  readonly outcome: string;
}

/** `whole` checks all; `quick` one way of cutting only, for the many inputs of a run. */
export type Thoroughness = 'whole' | 'quick';

/** A broken length field may swallow what follows: a buffer's 64 KiB, and a few frames more. */
const swallowedBytesMax = 65_536;
const recoveryFrames = 8;
const chunkBytesMax = 64;

type Results = readonly (Telegram | Fault)[];

/** Pushes an input in several ways and says what is wrong with what comes out, if anything. */
export function check(
  target: FuzzTarget,
  input: Uint8Array,
  random: Random,
  thoroughness: Thoroughness,
): Checked {
  let outcome = '';
  try {
    const decoder = target.decoder();
    const results = decoder.push(input);
    outcome = outcomeOf(results);
    const wrong = wrongShape(target, results, input.length);
    if (wrong !== undefined) return { outcome, finding: { kind: 'shape', detail: wrong } };
    if (!foundAfterwards(target, decoder)) {
      return { outcome, finding: { kind: 'lost', detail: 'the good frame is not found again' } };
    }
    const telegramsOf = telegramsToCompare(target, input);
    const whole = telegramsOf(results);
    const ways = thoroughness === 'whole' ? [1, chunkBytesMax] : [random.pick([1, chunkBytesMax])];
    for (const sizeMax of ways) {
      const cut = telegramsOf(pushCut(target, input, random, sizeMax));
      if (cut === whole) continue;
      const detail = `pieces of up to ${sizeMax} bytes: ${cut}; in one piece: ${whole}`;
      return { outcome, finding: { kind: 'cut', detail } };
    }
    target.decoder().end?.();
    return { outcome };
  } catch (thrown) {
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { outcome, finding: { kind: 'threw', detail } };
  }
}

function pushCut(target: FuzzTarget, input: Uint8Array, random: Random, sizeMax: number): Results {
  const decoder = target.decoder();
  const results: (Telegram | Fault)[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + 1 + random.below(sizeMax);
    // A copy of its own that is overwritten afterwards: decoders must not keep what they were given.
    const piece = Uint8Array.from(input.subarray(at, end));
    results.push(...decoder.push(piece));
    piece.fill(0xa5);
    at = end;
  }
  decoder.end?.();
  return results;
}

function foundAfterwards(target: FuzzTarget, decoder: ReturnType<FuzzTarget['decoder']>): boolean {
  const wanted = JSON.stringify(target.expected);
  const frame = target.frames[0]!;
  const turnsMax = recoveryFrames + Math.ceil(swallowedBytesMax / frame.length);
  for (let turn = 0; turn < turnsMax; turn += 1) {
    if (decoder.push(frame).some((result) => JSON.stringify(result) === wanted)) return true;
  }
  return false;
}

function wrongShape(target: FuzzTarget, results: Results, length: number): string | undefined {
  if (results.length > length) return 'more results than bytes';
  for (const result of results) {
    if (result.protocol !== target.protocol) return `protocol ${result.protocol}`;
    const wrong = isFault(result) ? wrongFault(result, length) : wrongTelegram(result);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongFault({ fault, offset, detail }: Fault, length: number): string | undefined {
  if (!faultCodes.includes(fault)) return `fault code ${fault}`;
  if (!Number.isInteger(offset) || offset < 0 || offset >= length) return `${fault} outside`;
  return detail === '' ? `${fault} without detail` : undefined;
}

function wrongTelegram({ at, registers }: Telegram): string | undefined {
  if (at !== null && Number.isNaN(Date.parse(at))) return `time of telegram ${at}`;
  for (const { value, at: capturedAt, obis, label } of registers) {
    if (typeof value === 'number' && !Number.isFinite(value)) return `value ${value}`;
    if (obis === undefined && label === undefined) return 'a register without a name';
    if (capturedAt !== undefined && Number.isNaN(Date.parse(capturedAt))) {
      return `time of register ${capturedAt}`;
    }
  }
  return undefined;
}

/**
 * Telegrams that must not depend on how the stream was cut. Where only silence would tell, which a
 * stream has not, it does matter what had come when a decoder decided: whether a bare APDU of DLMS
 * is followed by the end of a frame, and which of two nested Modbus frames with right checksums is
 * the real one.
 */
const comparable: Readonly<Record<string, (input: Uint8Array) => (telegram: Telegram) => boolean>> =
  {
    dlms: (input) => {
      const isAmbiguous = input.some((_, at) => endsLikeFrame(input, at));
      return ({ checked }) => checked && !isAmbiguous;
    },
    modbus: () => () => false,
  };

/**
 * Whether a bare APDU stands at `at` behind which the end of a frame stands, or may yet come, or
 * beyond whose end a frame goes on that begins inside it.
 */
function endsLikeFrame(input: Uint8Array, at: number): boolean {
  if (!mayBeginRawApdu(input[at]!)) return false;
  const scan = readRawApdu(input, at, true);
  if (scan.kind !== 'apdu') return false;
  return readFrameEnd(input, scan.end) !== 'none' || isCrossed(input, at, scan.end);
}

function isCrossed(input: Uint8Array, from: number, end: number): boolean {
  for (let at = from + 1; at < end; at += 1) {
    const frame = readHdlcFrame(input, at, true);
    if (frame.kind === 'frame' && frame.next > end) return true;
    const long = readLongFrame(input, at);
    if (long.kind === 'frame' && long.next > end) return true;
  }
  return false;
}

function telegramsToCompare(
  { protocol }: FuzzTarget,
  input: Uint8Array,
): (results: Results) => string {
  const isWanted = comparable[protocol]?.(input) ?? (() => true);
  return (results) =>
    JSON.stringify(results.filter((result) => !isFault(result) && isWanted(result)));
}

/** Without what was quoted of the input, which is different every time. */
const plain = (detail: string): string =>
  detail
    .replace(/["(].*/s, '')
    .replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#')
    .slice(0, 40);

function outcomeOf(results: Results): string {
  const kinds = results.map((result) =>
    isFault(result)
      ? `${result.fault} ${plain(result.detail)}`
      : `telegram ${Math.min(9, result.registers.length)} ${result.warnings.length > 0}`,
  );
  return [...new Set(kinds)].sort().join('|');
}
