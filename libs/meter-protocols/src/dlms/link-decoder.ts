import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import type { HdlcFrame } from '../framing/hdlc.js';
import { hdlcFlag, hdlcFrameBytesMax, readHdlcFrame } from '../framing/hdlc.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import type { LongFrame } from '../framing/wired-mbus-frame.js';
import { longFrameStart, readLongFrame } from '../framing/wired-mbus-frame.js';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import type { Origin } from './apdu-decoder.js';
import { ApduDecoder, fault } from './apdu-decoder.js';
import {
  isInsideFrame,
  isLlcHeader,
  isPushedApdu,
  llcBytes,
  mayBeginRawApdu,
  rawApduBytesMax,
  readFrameEnd,
  readRawApdu,
} from './raw-apdu.js';
import type { NumberedPart } from './reassembly.js';
import { PartCollector } from './reassembly.js';

/** A bare APDU that may still become whole, an incomplete frame after it, and room to append. */
const bufferBytesMax = 2 * (rawApduBytesMax + hdlcFrameBytesMax);
/** Bytes that are no frame are reported when one follows, or at the latest after as many. */
const noiseBytesMax = 4096;
/** Checksum faults with no good frame between them are at least as far apart. */
const faultBytesMin = 1024;

/** EN 13757-3 §4.3: CI 00–1F numbers the parts of an APDU and marks the last one. */
const segmentControlMax = 0x1f;
const segmentNumberMask = 0x0f;
const lastSegmentBit = 0x10;
/** Source and destination of the transport layer before each part. */
const transportBytes = 2;

/** What stands at a place: the index after it, or one of these. */
const nothing = -1;
const incomplete = -2;

/**
 * Bytes to APDUs: HDLC frames, M-Bus long frames and bare APDUs, whichever come. Once frames were
 * seen, bare APDUs are not looked for any more: in a damaged frame they would pass its checksum by.
 */
export class DlmsDecoder implements MeterDecoder {
  private readonly buffer = new ReceiveBuffer(bufferBytesMax);
  private readonly apdus: ApduDecoder;
  private readonly hdlcSegments = new PartCollector('segment');
  private readonly mbusSegments = new PartCollector('M-Bus frame');
  private results: (Telegram | Fault)[] = [];
  private isFramed = false;
  /** Where a bare APDU is expected: at the start, or after another one. */
  private rawOffset = 0;
  /** Up to here every byte of the stream belongs to a frame, to a fault or to reported noise. */
  private knownOffset = 0;
  /** The last fault stands for what follows it up to the next frame. */
  private isExplained = false;
  private faultOffset = 0;
  /** Of the first part of the APDU that is being put together, and of all its parts. */
  private origin: Origin = { offset: 0, checked: true };

  constructor(private readonly options: DecoderOptions) {
    this.apdus = new ApduDecoder(options);
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    this.results = [];
    // A scan leaves at most an incomplete APDU and an incomplete frame, so there is always room.
    for (let from = 0; from < bytes.length; this.scan()) from += this.buffer.append(bytes, from);
    return this.results;
  }

  private scan(): void {
    const view = this.buffer.view();
    const base = this.buffer.offset;
    let at = 0;
    /** Of the first frame or APDU that may still become whole. */
    let held = -1;
    while (at < view.length) {
      const next = this.step(view, at, base, held >= 0);
      if (next >= 0) {
        at = next;
        held = -1;
        continue;
      }
      if (next === incomplete) {
        if (held < 0) held = at;
        if (view[at] === hdlcFlag || view[at] === longFrameStart) break;
      }
      // A flag between frames is fill (ISO/IEC 13239 §4.6), not noise.
      if (view[at] === hdlcFlag && this.knownOffset === base + at) this.knownOffset += 1;
      at += 1;
    }
    const keep = held < 0 ? view.length : held;
    this.buffer.discard(keep);
    if (base + keep - this.knownOffset >= noiseBytesMax) this.reportNoise(base + keep);
  }

  private step(view: Uint8Array, at: number, base: number, isHolding: boolean): number {
    const byte = view[at]!;
    if (byte === hdlcFlag) return this.stepHdlc(view, at, base, isHolding);
    if (byte === longFrameStart) return this.stepMbus(view, at, base, isHolding);
    if (this.isFramed || isHolding || !mayBeginRawApdu(byte)) return nothing;
    return this.stepRaw(view, at, base);
  }

  private stepHdlc(view: Uint8Array, at: number, base: number, isHolding: boolean): number {
    const scan = readHdlcFrame(view, at, this.options.lenient);
    if (scan.kind === 'incomplete') return incomplete;
    if (scan.kind === 'none') return nothing;
    const origin = { offset: base + at, checked: scan.kind === 'frame' && scan.checked };
    if (scan.kind === 'frame') {
      this.isFramed = true;
      this.closeFrame(base + at, base + scan.next);
      this.takeHdlc(view, scan, origin);
      return scan.next;
    }
    // While a bare APDU may still come, these can be its data.
    if (isHolding) return nothing;
    const [isHeader, name] = [scan.kind === 'header-check', 'check sequence is wrong'];
    if (!isHeader) this.isFramed = true;
    this.damaged(origin, isHeader ? `HDLC header ${name}` : `HDLC frame ${name}`);
    return nothing;
  }

  private takeHdlc(view: Uint8Array, frame: HdlcFrame, origin: Origin): void {
    // SNRM, UA, RR and the like open and close sessions; pushed data come in UI and I frames.
    if (frame.start === frame.end || !carriesInformation(frame.control)) return;
    const hasLlc = isLlcHeader(view, frame.start);
    const part = view.subarray(hasLlc ? frame.start + llcBytes : frame.start, frame.end);
    const segments = this.hdlcSegments;
    if (!hasLlc && segments.isEmpty && !isPushedApdu(part[0])) {
      const what = 'HDLC information that is no APDU, or a segment without the first one';
      this.fail(origin, 'truncated', what);
      return;
    }
    const number = hasLlc ? 0 : segments.expected;
    this.collect(segments, { part, number, isLast: !frame.segmented }, origin);
  }

  private stepMbus(view: Uint8Array, at: number, base: number, isHolding: boolean): number {
    const scan = readLongFrame(view, at);
    if (scan.kind === 'incomplete') return incomplete;
    if (scan.kind === 'none') return nothing;
    const origin = { offset: base + at, checked: true };
    if (scan.kind === 'check') {
      if (isHolding) return nothing;
      this.isFramed = true;
      this.damaged(origin, 'M-Bus checksum is wrong');
      return nothing;
    }
    this.isFramed = true;
    this.closeFrame(base + at, base + scan.next);
    this.takeMbus(view, scan, origin);
    return scan.next;
  }

  private takeMbus(view: Uint8Array, frame: LongFrame, origin: Origin): void {
    const control = frame.controlInformation;
    if (control > segmentControlMax || frame.end - frame.start <= transportBytes) {
      const name = control.toString(16).padStart(2, '0');
      this.fail(origin, 'unsupported', `M-Bus frame with CI ${name} does not carry DLMS`);
      return;
    }
    const part = view.subarray(frame.start + transportBytes, frame.end);
    const number = control & segmentNumberMask;
    const isLast = (control & lastSegmentBit) !== 0;
    this.collect(this.mbusSegments, { part, number, isLast }, origin);
  }

  private collect(collector: PartCollector, numbered: NumberedPart, origin: Origin): void {
    const isFirst = numbered.number === 0;
    const checked = origin.checked && (isFirst || this.origin.checked);
    this.origin = isFirst ? origin : { offset: this.origin.offset, checked };
    const whole = collector.add(numbered);
    if (whole.kind === 'fault') this.fail(origin, whole.fault, whole.detail);
    if (whole.kind !== 'whole') return;
    if (whole.lostBefore) this.fail(origin, 'truncated', whole.lostBefore);
    this.apdus.decode(whole.bytes, this.origin, this.results);
  }

  private stepRaw(view: Uint8Array, at: number, base: number): number {
    const isExpected = base + at === this.rawOffset;
    const scan = readRawApdu(view, at, isExpected);
    if (scan.kind === 'none' || (!isExpected && isInsideFrame(view, at))) return nothing;
    if (scan.kind === 'incomplete') return incomplete;
    // It would have been found first, had the bytes come one by one.
    const frameAt = this.frameInside(view.subarray(0, scan.end - 1), at + 1);
    if (frameAt >= 0) return frameAt;
    const after = readFrameEnd(view, scan.end);
    if (after !== 'none') return after === 'incomplete' ? incomplete : nothing;
    this.closeFrame(base + at, base + scan.end);
    this.rawOffset = base + scan.end;
    const origin = { offset: base + at, checked: false };
    this.apdus.decode(view.subarray(scan.start, scan.end), origin, this.results);
    return scan.end;
  }

  /** Where the first whole frame from `from` on begins, or `nothing`. */
  private frameInside(view: Uint8Array, from: number): number {
    for (let at = from; at < view.length; at += 1) {
      const scan =
        view[at] === hdlcFlag
          ? readHdlcFrame(view, at, this.options.lenient)
          : view[at] === longFrameStart
            ? readLongFrame(view, at)
            : null;
      if (scan?.kind === 'incomplete') return nothing;
      if (scan?.kind === 'frame') return at;
    }
    return nothing;
  }

  /** A frame stands from `start` to `end`: what lies before it is noise. */
  private closeFrame(start: number, end: number): void {
    this.reportNoise(start);
    this.isExplained = false;
    this.knownOffset = end;
  }

  private damaged(origin: Origin, detail: string): void {
    this.reportNoise(origin.offset);
    this.hdlcSegments.reset();
    this.mbusSegments.reset();
    this.apdus.reset();
    // Inside a damaged frame more beginnings may be found: the first one stands for them.
    const isNew = !this.isExplained || origin.offset - this.faultOffset >= faultBytesMin;
    if (isNew) {
      this.fail(origin, 'checksum', detail);
      this.faultOffset = origin.offset;
    }
    this.isExplained = true;
    this.knownOffset = origin.offset + 1;
  }

  private reportNoise(end: number): void {
    const bytes = end - this.knownOffset;
    if (bytes > 0 && (!this.isExplained || bytes >= noiseBytesMax)) {
      const origin = { offset: this.knownOffset, checked: false };
      this.fail(origin, 'noise', `${bytes} bytes that are no DLMS frame`);
    }
    this.knownOffset = Math.max(this.knownOffset, end);
  }

  private fail(origin: Origin, code: FaultCode, detail: string): void {
    this.results.push(fault(origin, code, detail));
  }
}

const unnumberedInformation = 0x03;
const pollFinalBit = 0x10;

const carriesInformation = (control: number) =>
  (control & 1) === 0 || (control & ~pollFinalBit) === unnumberedInformation;
