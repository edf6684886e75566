import type { ConversationOutput, SerialSettings } from '../meter-protocol.js';

/** Bytes on a wire, sent without a pause from `atMs` on with the sender's settings. */
export interface Burst {
  readonly atMs: number;
  readonly bytes: Uint8Array;
  readonly settings: SerialSettings;
}

/** A meter at the far end of a line. */
export interface BenchMeter {
  /** Everything that it says unasked, in order. */
  readonly pushes?: Iterator<Burst>;
  /** What it answers to bytes that it understood. */
  readonly answers?: (
    text: Uint8Array,
    nowMs: number,
    settings: SerialSettings,
  ) => readonly Burst[];
}

export interface Stepped {
  readonly effects: ConversationOutput['effects'];
  readonly wakeAtMs: number;
}

/** USB adapters hand bytes on in such portions. */
export const LATENCY_MS = 16;

/**
 * The wire between a meter and a port. Bits are sampled as a UART does, so that other settings than
 * the sender's give the garbage that a port would give.
 */
export class BenchWire {
  private readonly meter: BenchMeter;
  private settings: SerialSettings = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 };
  private changedMs = 0;
  private bursts: Burst[] = [];
  private next: IteratorResult<Burst> | undefined;

  constructor(meter: BenchMeter) {
    this.meter = meter;
    this.next = meter.pushes?.next();
  }

  /** When something is on the wire next. */
  get arrivesAtMs(): number {
    return Math.min(...this.bursts.map(({ atMs }) => atMs), nextAtMs(this.next));
  }

  /** The port has these settings from now on; a byte under way is lost. */
  set(settings: SerialSettings, nowMs: number): void {
    this.settings = settings;
    this.changedMs = nowMs;
  }

  /** The port sends. */
  send(bytes: Uint8Array, nowMs: number, settings = this.settings): void {
    this.bursts.push(...(this.meter.answers?.(bytes, nowMs, settings) ?? []));
  }

  /** What the port has received behind `fromMs` and up to `toMs`. */
  receive(fromMs: number, toMs: number): Uint8Array {
    while (this.next && !this.next.done && this.next.value.atMs <= toMs) {
      this.bursts.push(this.next.value);
      this.next = this.meter.pushes!.next();
    }
    const bytes = this.bursts.flatMap((burst) =>
      heardOf(burst, this.settings, this.changedMs)
        .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
        .map(({ byte }) => byte),
    );
    this.bursts = this.bursts.filter((burst) => endMs(burst) > toMs);
    return Uint8Array.from(bytes);
  }
}

/** Runs something that steps on a serial line in simulated time until `isDone`. */
export function runBench<T extends Stepped>(
  meter: BenchMeter,
  step: (nowMs: number, bytes: Uint8Array) => T,
  isDone: (output: T) => boolean,
  limitMs: number,
): { output: T; nowMs: number } {
  const wire = new BenchWire(meter);
  let nowMs = 0;
  for (let bytes = new Uint8Array(0); ;) {
    const output = step(nowMs, bytes);
    for (const effect of output.effects) {
      if ('settings' in effect) wire.set(effect.settings, nowMs);
      else wire.send(effect.send, nowMs);
    }
    if (isDone(output) || nowMs >= limitMs) return { output, nowMs };
    const arrives = wire.arrivesAtMs;
    const isSpeaking = arrives <= nowMs + LATENCY_MS;
    const fromMs = nowMs;
    nowMs = Math.min(output.wakeAtMs, limitMs, isSpeaking ? nowMs + LATENCY_MS : arrives);
    nowMs = Math.max(nowMs, fromMs + 1);
    bytes = Uint8Array.from(wire.receive(fromMs, nowMs));
  }
}

const nextAtMs = (next: IteratorResult<Burst> | undefined): number =>
  next && !next.done ? next.value.atMs : Infinity;

const bitsOf = ({ dataBits, parity, stopBits }: SerialSettings): number =>
  1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits;

/** With the time that a receiver may need to see the end. */
const endMs = ({ atMs, bytes, settings }: Burst): number =>
  atMs + (bytes.length * bitsOf(settings) * 1000) / settings.baudRate + 2 * LATENCY_MS;

interface Heard {
  readonly atMs: number;
  readonly byte: number;
}

const heardBefore = new WeakMap<Burst, { key: string; heard: readonly Heard[] }>();

function heardOf(burst: Burst, settings: SerialSettings, fromMs: number): readonly Heard[] {
  const key = JSON.stringify([settings, fromMs]);
  const before = heardBefore.get(burst);
  if (before?.key === key) return before.heard;
  const heard = sampled(burst, settings, fromMs);
  heardBefore.set(burst, { key, heard });
  return heard;
}

/** The levels of the wire, one for each bit time of the sender. */
function levelsOf({ bytes, settings }: Burst): Uint8Array {
  const width = bitsOf(settings);
  const levels = new Uint8Array(bytes.length * width).fill(1);
  bytes.forEach((byte, i) => {
    let at = i * width;
    levels[at++] = 0;
    let ones = 0;
    for (let bit = 0; bit < settings.dataBits; bit += 1) {
      const level = (byte >> bit) & 1;
      ones += level;
      levels[at++] = level;
    }
    if (settings.parity === 'even') levels[at] = ones & 1;
    if (settings.parity === 'odd') levels[at] = 1 - (ones & 1);
  });
  return levels;
}

/**
 * As a port without parity check gives them: a byte without its stop bit is dropped, a line that
 * is low for longer than a byte (a break) is a zero.
 */
function sampled(burst: Burst, settings: SerialSettings, fromMs: number): readonly Heard[] {
  const levels = levelsOf(burst);
  const perSent = 1000 / burst.settings.baudRate;
  const perBit = 1000 / settings.baudRate;
  const levelAt = (ms: number): number => levels[Math.floor(ms / perSent)] ?? 1;
  const lengthMs = levels.length * perSent;
  const heard: Heard[] = [];
  let ms = Math.max(0, fromMs - burst.atMs);
  while (ms < lengthMs) {
    let index = Math.floor(ms / perSent + 1e-9);
    while (index < levels.length && levels[index] === 1) index += 1;
    if (index >= levels.length) break;
    const startMs = Math.max(ms, index * perSent);
    const byteAt = readByte(levelAt, startMs, perBit, settings);
    const stopMs = startMs + (bitsOf(settings) - settings.stopBits + 0.5) * perBit;
    if (byteAt.stop === 1 || byteAt.isBreak) {
      heard.push({ atMs: burst.atMs + stopMs, byte: byteAt.stop === 1 ? byteAt.byte : 0 });
    }
    ms = stopMs;
    if (byteAt.stop === 1) continue;
    let low = Math.floor(ms / perSent);
    while (low < levels.length && levels[low] === 0) low += 1;
    ms = Math.max(ms, low * perSent);
  }
  return heard;
}

function readByte(
  levelAt: (ms: number) => number,
  startMs: number,
  perBit: number,
  settings: SerialSettings,
): { byte: number; stop: number; isBreak: boolean } {
  let byte = 0;
  let at = startMs + 1.5 * perBit;
  for (let bit = 0; bit < settings.dataBits; bit += 1, at += perBit) byte |= levelAt(at) << bit;
  if (settings.parity !== 'none') at += perBit;
  const stop = levelAt(at);
  return { byte, stop, isBreak: stop === 0 && byte === 0 };
}

/** A small generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Pushing {
  readonly settings: SerialSettings;
  readonly frames: readonly Uint8Array[];
  readonly intervalMs: number;
}

/** A pushing meter that was met at any moment, with single bytes of noise and changed bits. */
export function* pushing(
  { settings, frames, intervalMs }: Pushing,
  chance: () => number,
): Generator<Burst> {
  const phaseMs = chance() * intervalMs;
  for (let n = 0, atMs = phaseMs - intervalMs; ; n += 1, atMs += intervalMs) {
    const bytes = Uint8Array.from(frames[n % frames.length]!);
    if (chance() < 0.1)
      bytes[Math.floor(chance() * bytes.length)]! ^= 1 << Math.floor(chance() * 7);
    yield { atMs, bytes, settings };
    if (chance() < 0.3) {
      const noiseMs = atMs + intervalMs * (0.5 + 0.4 * chance());
      if (noiseMs > endMs({ atMs, bytes, settings })) {
        yield { atMs: noiseMs, bytes: Uint8Array.of(Math.floor(chance() * 256)), settings };
      }
    }
  }
}
