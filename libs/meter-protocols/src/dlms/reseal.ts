import { resecure } from '../framing/aes-gcm.js';
import { hdlcFlag, readHdlcFrame } from '../framing/hdlc.js';
import { longFrameStart, readLongFrame } from '../framing/wired-mbus-frame.js';
import type { Change, DecoderOptions } from '../meter-protocol.js';
import { isLoggedApdu, isSaneApdu } from './apdu-decoder.js';
import { decipher, isCiphered, readCiphered } from './ciphering.js';
import { isLlcHeader, llcBytes } from './raw-apdu.js';
import { blockTransferTag, readBlock } from './reassembly.js';

/** Where the octets of an APDU stand in the stream, one after the other. */
type Places = readonly number[];

/** A part of an APDU, as a frame carries it. */
interface Part {
  readonly places: Places;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Changes every APDU that the keys open, across the frames and blocks that carry it. */
export function resealDlms(bytes: Uint8Array, options: DecoderOptions, change: Change): Uint8Array {
  const resealed = Uint8Array.from(bytes);
  const framed = joined(framedParts(bytes));
  const apdus = framed.length > 0 ? framed : bareApdus(bytes);
  for (const places of joined(blocksOf(apdus, bytes))) reseal(resealed, places, options, change);
  return resealed;
}

const gathered = (bytes: Uint8Array, places: Places): Uint8Array =>
  Uint8Array.from(places, (place) => bytes[place]!);

const range = (start: number, end: number): Places =>
  Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);

function reseal(bytes: Uint8Array, places: Places, options: DecoderOptions, change: Change): void {
  const apdu = gathered(bytes, places);
  if (!isCiphered(apdu[0])) return;
  const ciphered = readCiphered(apdu, 0, apdu.length);
  if (ciphered.kind !== 'ciphered') return;
  const opened = decipher(ciphered, options, isSaneApdu, isLoggedApdu);
  if (opened.kind !== 'plain') return;
  const plain = Uint8Array.from(opened.bytes);
  const changed = change({ plain, systemTitle: Uint8Array.from(ciphered.systemTitle) });
  // Title and header are views of the APDU: what is ciphered by them next sees the change.
  ciphered.systemTitle.set(changed.systemTitle);
  // Some readers record the plain text in the place of the ciphered one.
  const isOpen = opened.bytes.buffer === apdu.buffer && !opened.verified;
  ciphered.content.set(
    isOpen ? changed.plain : resecure(ciphered, changed.plain, options, opened.verified),
  );
  places.forEach((place, index) => {
    bytes[place] = apdu[index]!;
  });
}

const segmentControlMax = 0x1f;
const segmentNumberMask = 0x0f;
const lastSegmentBit = 0x10;
const transportBytes = 2;

function* framedParts(bytes: Uint8Array): Generator<Part> {
  let isContinued = false;
  for (let at = 0; at < bytes.length;) {
    const hdlc = bytes[at] === hdlcFlag ? readHdlcFrame(bytes, at) : null;
    const mbus = bytes[at] === longFrameStart ? readLongFrame(bytes, at) : null;
    if (hdlc?.kind === 'frame' && hdlc.start < hdlc.end) {
      const start = hdlc.start + (isLlcHeader(bytes, hdlc.start) ? llcBytes : 0);
      const isLast = !hdlc.segmented;
      yield { places: range(start, hdlc.end), isFirst: !isContinued, isLast };
      isContinued = !isLast;
    } else if (mbus?.kind === 'frame' && mbus.controlInformation <= segmentControlMax) {
      const control = mbus.controlInformation;
      yield {
        places: range(mbus.start + transportBytes, mbus.end),
        isFirst: (control & segmentNumberMask) === 0,
        isLast: (control & lastSegmentBit) !== 0,
      };
    }
    at = hdlc?.kind === 'frame' ? hdlc.next : mbus?.kind === 'frame' ? mbus.next : at + 1;
  }
}

/** General block transfer carries an APDU in parts once more. */
function* blocksOf(apdus: readonly Places[], bytes: Uint8Array): Generator<Part> {
  for (const places of apdus) {
    const apdu = gathered(bytes, places);
    const block = apdu[0] === blockTransferTag ? readBlock(apdu, 0, apdu.length) : null;
    if (block?.kind === 'block') {
      const { number, isLast, part } = block;
      const start = part.byteOffset;
      yield {
        places: places.slice(start, start + part.length),
        isFirst: number === 0,
        isLast,
      };
    } else yield { places, isFirst: true, isLast: true };
  }
}

function joined(parts: Iterable<Part>): readonly Places[] {
  const whole: Places[] = [];
  let held: Places = [];
  for (const { places, isFirst, isLast } of parts) {
    held = isFirst ? places : [...held, ...places];
    if (isLast) whole.push(held);
  }
  return whole;
}

function bareApdus(bytes: Uint8Array): readonly Places[] {
  const found: Places[] = [];
  for (let at = 0; at < bytes.length;) {
    const ciphered = isCiphered(bytes[at]) ? readCiphered(bytes, at, bytes.length) : null;
    if (ciphered?.kind === 'ciphered') found.push(range(at, ciphered.next));
    at = ciphered?.kind === 'ciphered' ? ciphered.next : at + 1;
  }
  return found;
}
