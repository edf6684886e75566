import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import type {
  DecoderOptions,
  MeterDecoder,
  MeterProtocol,
  SerialSettings,
} from '../meter-protocol.js';

/** What speaks for a protocol under the present line settings. */
export interface Score {
  readonly protocol: string;
  /** From 0 to 1. */
  readonly certainty: number;
  /** All that were heard; none where only the frames are known, because a key is missing. */
  readonly telegrams: readonly Telegram[];
  /** Goes on where the last byte that was heard left it. */
  readonly decoder: MeterDecoder;
}

/** Of one piece of bytes; a line hands on at most 64 KiB at once. */
const telegramsMax = 4_096;

/** A checksum over a whole telegram does not come right by chance. */
const certaintyOfChecked = 0.99;
/** By the number of telegrams that have no checksum: chance seldom repeats itself. */
const certaintiesOfUnchecked = [0, 0.8, 0.95];
/** The same for telegrams of one or two registers, as lines of text are. */
const certaintiesOfShort = [0, 0.4, 0.8, 0.95];
const shortRegistersMax = 2;
/** By the number of frames that only lack a key. */
const certaintiesOfLocked = [0, 0.6, 0.9];

const levelOf = (certainties: readonly number[], count: number): number =>
  certainties[Math.min(count, certainties.length - 1)]!;

interface Witness {
  readonly protocol: MeterProtocol;
  readonly decoder: MeterDecoder;
  checked: number;
  long: number;
  short: number;
  locked: number;
  telegrams: readonly Telegram[];
}

/** Nothing for so long ends a burst; meters pause for longer between their telegrams. */
const burstGapMs = 150;
const burstBytesMin = 12;
/** With wrong settings a port drops most of the bytes of a telegram. */
const speechBytesMin = 4;
/** So many bytes of one burst that look like nothing known were heard with wrong settings. */
const foreignBurstBytesMin = 96;
const foreignBytesMin = 700;
/** So many, however short: with its own settings a meter would be known by now. */
const foreignBurstsMin = 6;
const breakShareMin = 0.8;
const breaksMin = 48;
const breaksMsMin = 100;
const bitsPerBreak = 3.7;
const textShareMin = 0.9;
const parityShareMin = 0.95;
/** A port that was set in the middle of a byte takes some bytes to find the next start bit. */
const recentBytes = 64;
/** Bytes kept for what they look like; older ones are forgotten. */
const sampleBytesMax = 1_024;

/** Hears a line under one setting with the decoders of all protocols that speak unasked. */
export class Evidence {
  private readonly witnesses: readonly Witness[];
  private readonly settings: SerialSettings;
  private readonly startMs: number;
  private sample: readonly number[] = [];
  private burst: readonly number[] = [];
  /** Of the present burst: when its first bytes came, and how many came after those. */
  private begun = { atMs: 0, since: 0, afterSilence: false };
  private lastMs = -Infinity;
  private byteCount = 0;
  private bursts = 0;
  private spoke = false;
  private spokenAtMs: number | null = null;

  constructor(
    protocols: readonly MeterProtocol[],
    settings: SerialSettings,
    options: DecoderOptions,
    nowMs: number,
  ) {
    this.settings = settings;
    this.startMs = nowMs;
    this.witnesses = protocols.map((protocol) => ({
      protocol,
      decoder: protocol.decoder(options),
      checked: 0,
      long: 0,
      short: 0,
      locked: 0,
      telegrams: [],
    }));
  }

  push(bytes: Uint8Array, nowMs: number): void {
    if (bytes.length === 0) return;
    if (nowMs - this.lastMs > burstGapMs) {
      this.burst = [];
      this.bursts += 1;
      const afterSilence = nowMs - Math.max(this.startMs, this.lastMs) > burstGapMs;
      this.begun = { atMs: nowMs, since: 0, afterSilence };
    } else this.begun.since += bytes.length;
    this.lastMs = nowMs;
    this.byteCount += bytes.length;
    this.burst = [...this.burst, ...bytes].slice(-sampleBytesMax);
    this.sample = [...this.sample, ...bytes].slice(-sampleBytesMax);
    this.spoke ||= this.burst.length >= burstBytesMin;
    if (this.begun.afterSilence && this.burst.length >= speechBytesMin) {
      this.spokenAtMs = this.begun.atMs;
    }
    for (const witness of this.witnesses) {
      for (const result of witness.decoder.push(bytes)) note(witness, result);
    }
  }

  /** Whether anything is on the line that is more than single disturbed bytes. */
  get isActive(): boolean {
    return this.spoke;
  }

  /** When the newest burst began that may be a whole telegram, heard with wrong settings. */
  get spokeAtMs(): number | null {
    return this.spokenAtMs;
  }

  /** All protocols that something speaks for, the surest first. */
  scores(): readonly Score[] {
    return this.witnesses
      .map((witness) => ({ score: this.scoreOf(witness), usual: this.rankOf(witness.protocol) }))
      .filter(({ score }) => score.certainty > 0)
      .sort(
        (left, right) => right.score.certainty - left.score.certainty || left.usual - right.usual,
      )
      .map(({ score }) => score);
  }

  /** True once enough came that a meter with these settings would have been recognised. */
  isForeign(nowMs: number): boolean {
    if (this.isPromising()) return false;
    if (this.byteCount >= foreignBytesMin || this.slowerBaudRate() !== null) return true;
    if (this.bursts >= foreignBurstsMin) return true;
    // The rest of a frame, heard from its middle on, looks like nothing even if it is right.
    if (!this.begun.afterSilence || this.burst.length < speechBytesMin) return false;
    return this.burst.length >= foreignBurstBytesMin || nowMs - this.lastMs > burstGapMs;
  }

  /** When a burst will be over unless it goes on. */
  get burstEndsAtMs(): number {
    return this.burst.length < speechBytesMin ? Infinity : this.lastMs + burstGapMs + 1;
  }

  /**
   * The rate of a sender that is much slower than this port, or null. To the port each run of
   * zeros is a break, that is a zero byte; a character has about 2.7 such runs in its 10 bits.
   */
  slowerBaudRate(): number | null {
    const durationMs = this.burstMs();
    const isBroken = shareOf(this.burst, (byte) => byte === 0) >= breakShareMin;
    if (!isBroken || durationMs < breaksMsMin || this.burst.length < breaksMin) return null;
    return (this.begun.since / durationMs) * 1000 * bitsPerBreak;
  }

  isPromising(): boolean {
    if (this.witnesses.some((witness) => this.certaintyOf(witness) > 0)) return true;
    const isText = shareOf(this.sample.slice(-recentBytes), isCharacter) >= textShareMin;
    return isText || hasFrameStart(this.sample);
  }

  /** Seven bits with even parity are text with an eighth bit to a port that is set to 8N1. */
  showsEvenParity(): boolean {
    if (this.settings.parity !== 'none' || this.sample.length < recentBytes) return false;
    const recent = this.sample.slice(-recentBytes);
    const isMarked = recent.some((byte) => byte > sevenBits);
    const isTextInParity = (byte: number): boolean => isCharacter(byte & sevenBits) && isEven(byte);
    return isMarked && shareOf(recent, isTextInParity) >= parityShareMin;
  }

  private burstMs(): number {
    return this.lastMs - this.begun.atMs;
  }

  private scoreOf(witness: Witness): Score {
    const { protocol, decoder, telegrams } = witness;
    return { protocol: protocol.name, certainty: this.certaintyOf(witness), telegrams, decoder };
  }

  private certaintyOf({ protocol, checked, long, short, locked }: Witness): number {
    if (checked > 0) return certaintyOfChecked;
    if (!hasForm(protocol, this.settings)) return 0;
    // Ciphered frames of one protocol look like those of another.
    const isUsual = this.rankOf(protocol) < protocol.serialSettings.length;
    return Math.max(
      levelOf(certaintiesOfUnchecked, long),
      levelOf(certaintiesOfShort, short),
      isUsual ? levelOf(certaintiesOfLocked, locked) : 0,
    );
  }

  /** How usual these settings are for a protocol: 0 is the most usual. */
  private rankOf(protocol: MeterProtocol): number {
    const index = protocol.serialSettings.findIndex((usual) => isSame(usual, this.settings));
    return index < 0 ? protocol.serialSettings.length + 1 : index;
  }
}

/** Bytes that lost their eighth bit may still look like something; text looks right without it. */
const hasForm = ({ serialSettings }: MeterProtocol, { dataBits }: SerialSettings): boolean =>
  serialSettings.some((usual) => usual.dataBits === dataBits);

function note(witness: Witness, result: Telegram | Fault): void {
  if (isFault(result)) {
    if (result.fault === 'decryption') witness.locked += 1;
    return;
  }
  if (result.registers.length === 0 || isOfOther(result)) return;
  witness.telegrams = [...witness.telegrams.slice(1 - telegramsMax), result];
  if (result.checked) witness.checked += 1;
  else if (result.registers.length > shortRegistersMax) witness.long += 1;
  else witness.short += 1;
}

/** P1 is written in the lines of IEC 62056-21, so that each decoder reads the other's telegrams. */
function isOfOther({ protocol, checked, registers }: Telegram): boolean {
  if (checked || (protocol !== 'dsmr' && protocol !== 'iec62056-21')) return false;
  const isP1 = registers.some(({ obis }) => obis !== undefined && p1Only.test(obis));
  return isP1 !== (protocol === 'dsmr');
}

/** Time of the telegram, tariff indicator, messages, and values of an M-Bus channel. */
const p1Only = /^0-(0:1\.0\.0|0:96\.1[34]\.[01]|\d:24\.\d\.\d)$/;

export const isSame = (left: SerialSettings, right: SerialSettings): boolean =>
  left.baudRate === right.baudRate &&
  left.dataBits === right.dataBits &&
  left.parity === right.parity &&
  left.stopBits === right.stopBits;

const sevenBits = 0x7f;

const isCharacter = (byte: number): boolean =>
  (byte >= 0x20 && byte < sevenBits) || byte === 0x0d || byte === 0x0a || byte === 0x09;

function isEven(byte: number): boolean {
  let parity = byte;
  for (const shift of [4, 2, 1]) parity ^= parity >> shift;
  return (parity & 1) === 0;
}

const shareOf = (bytes: readonly number[], is: (byte: number) => boolean): number =>
  bytes.length === 0 ? 0 : bytes.filter(is).length / bytes.length;

/** SML's escape, a frame of HDLC format 3, a long frame of M-Bus. */
function hasFrameStart(bytes: readonly number[]): boolean {
  return bytes.some((byte, i) => {
    const [second, third, fourth] = bytes.slice(i + 1, i + 4);
    if (fourth === undefined) return false;
    if (byte === 0x1b) return second === 0x1b && third === 0x1b && fourth === 0x1b;
    if (byte === 0x7e) return (second! & 0xf0) === 0xa0 && third! > 0;
    return byte === 0x68 && second === third && fourth === 0x68;
  });
}
