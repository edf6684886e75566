import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';
import type {
  Conversation,
  ConversationInput,
  ConversationOutput,
  DecoderOptions,
  SerialSettings,
} from '../meter-protocol.js';
import { ack, isLineEnd, sevenBits } from './control-characters.js';
import { Iec62056Decoder } from './iec62056-21-decoder.js';
import { readIdentification, type Identification } from './identification.js';

/** From one sign-on to the next: a read-out at 300 baud alone takes half of it. */
export const readIntervalMs = 60_000;
/** §6.4.3: a meter answers within 1500 ms; the line is slow and adapters have buffers. */
export const answerMsMax = 4_000;
/** The data are over, or will not come, when nothing has come for so long. */
export const silenceMsMax = 5_000;
const retryPauseMs = 3_000;
/** A meter that pushes its read-out is never asked: it is heard within this time. */
export const listenMs = 5_000;

/** §6.4.3: reaction times before the acknowledgement. */
const reactionMs = 250;
const quickReactionMs = 25;
/** Time to send the six characters of the acknowledgement, before the rate may change. */
const acknowledgementCharacters = 8;
const bitsPerCharacter = 10;

/** Battery meters wake up by NULs for 2.1 to 2.3 s, then wait for 1.5 to 1.7 s (§ annex B). */
const wakeUpMs = 2_200;
const wakeUpPauseMs = 1_600;

interface Attempt {
  readonly signOnBaudRate: number;
  readonly wakeUp: boolean;
  /** Whether the rate may rise as the meter proposes; some heads do not follow. */
  readonly changeRate: boolean;
}

/** What is tried in turn until something works; what worked is tried first the next time. */
const attempts: readonly Attempt[] = [
  { signOnBaudRate: 300, wakeUp: false, changeRate: true },
  { signOnBaudRate: 300, wakeUp: false, changeRate: false },
  { signOnBaudRate: 300, wakeUp: true, changeRate: true },
  { signOnBaudRate: 9600, wakeUp: false, changeRate: true },
];

type Effects = ConversationOutput['effects'][number][];

type Step = 'new' | 'rest' | 'wake' | 'sign on' | 'answer' | 'acknowledge' | 'change' | 'data';

/** Asks a meter for its read-out in modes A, B and C (IEC 62056-21, §6.4) once a minute. */
export class Iec62056Conversation implements Conversation {
  private readonly decoder: Iec62056Decoder;
  private readonly request: Uint8Array;
  private state: Step = 'new';
  /** When the present step is over, whatever comes. */
  private untilMs = 0;
  private startedMs = 0;
  private attempt = 0;
  private tried = 0;
  /** Whether the sign-on was answered since the last read-out or fault. */
  private everAnswered = false;
  private line = '';
  private identification: Identification | null = null;

  constructor(options: DecoderOptions) {
    this.decoder = new Iec62056Decoder(options);
    this.request = Buffer.from(`/?${options.address ?? ''}!\r\n`, 'latin1');
  }

  step({ nowMs, bytes }: ConversationInput): ConversationOutput {
    const effects: Effects = [];
    const results = [...this.decoder.push(bytes)];
    if (bytes.length > 0) this.receive(bytes, nowMs);
    if (results.some((result) => !isFault(result))) this.succeed(nowMs);
    else if (this.state === 'data' && results.some(isFailure)) this.untilMs = nowMs;
    while (nowMs >= this.untilMs) results.push(...this.proceed(nowMs, effects));
    return { results, effects, wakeAtMs: this.untilMs };
  }

  private receive(bytes: Uint8Array, nowMs: number): void {
    if (this.state === 'answer') this.readAnswer(bytes, nowMs);
    else if (this.state === 'data') this.untilMs = nowMs + silenceMsMax;
  }

  /** Collects the identification line; the echo of the request begins with `/?`. */
  private readAnswer(bytes: Uint8Array, nowMs: number): void {
    for (const byte of bytes) {
      const character = byte & sevenBits;
      if (!isLineEnd(character)) {
        this.line = (this.line + String.fromCharCode(character)).slice(-lineLengthMax);
        continue;
      }
      const start = this.line.lastIndexOf('/');
      const identification = start < 0 ? null : readIdentification(this.line.slice(start + 1));
      this.line = '';
      if (identification) this.answered(identification, nowMs);
      if (identification) return;
    }
  }

  private answered(identification: Identification, nowMs: number): void {
    this.identification = identification;
    this.everAnswered = true;
    const acknowledges = identification.mode === 'C';
    this.state = acknowledges ? 'acknowledge' : 'change';
    this.untilMs = acknowledges ? nowMs + reactionOf(identification) : nowMs;
  }

  /** The read-out is here; the next one is due an interval after this one was begun. */
  private succeed(nowMs: number): void {
    const pushed = this.state === 'new' || this.state === 'rest';
    this.state = 'rest';
    this.tried = 0;
    this.everAnswered = false;
    this.untilMs = (pushed ? nowMs : this.startedMs) + readIntervalMs;
  }

  /** The time of the present step is over: begins the next one. */
  private proceed(nowMs: number, effects: Effects): readonly (Telegram | Fault)[] {
    const attempt = attempts[this.attempt]!;
    switch (this.state) {
      case 'new':
        this.state = 'rest';
        this.untilMs = nowMs + listenMs;
        return [];
      case 'rest':
        this.begin(attempt, nowMs, effects);
        return [];
      case 'wake':
        this.state = 'sign on';
        this.untilMs = nowMs + wakeUpPauseMs;
        return [];
      case 'sign on':
        this.signOn(attempt, nowMs, effects);
        return [];
      case 'acknowledge':
        this.acknowledge(attempt, nowMs, effects);
        return [];
      case 'change':
        this.expectData(attempt, nowMs, effects);
        return [];
      case 'answer':
      case 'data':
        return this.fail(nowMs);
    }
  }

  private begin(attempt: Attempt, nowMs: number, effects: Effects): void {
    this.startedMs = nowMs;
    effects.push({ settings: settingsAt(attempt.signOnBaudRate) });
    if (!attempt.wakeUp) return this.signOn(attempt, nowMs, effects);
    const nuls = (wakeUpMs * attempt.signOnBaudRate) / (bitsPerCharacter * 1000);
    effects.push({ send: new Uint8Array(Math.round(nuls)) });
    this.state = 'wake';
    this.untilMs = nowMs + wakeUpMs;
  }

  private signOn(attempt: Attempt, nowMs: number, effects: Effects): void {
    effects.push({ send: this.request });
    this.line = '';
    this.state = 'answer';
    this.untilMs = nowMs + sendingMs(this.request.length, attempt.signOnBaudRate) + answerMsMax;
  }

  /**
   * `ACK 0 Z 0 CR LF` (§6.3.3): normal procedure, rate, data read-out. Mode E, which the meter
   * offers by `\2`, is declined by that.
   */
  private acknowledge(attempt: Attempt, nowMs: number, effects: Effects): void {
    const rate = this.changesRate(attempt) ? this.identification!.rateCharacter : '0';
    effects.push({ send: Uint8Array.of(ack, ...Buffer.from(`0${rate}0\r\n`, 'latin1')) });
    this.state = 'change';
    this.untilMs = nowMs + sendingMs(acknowledgementCharacters, attempt.signOnBaudRate);
  }

  private changesRate(attempt: Attempt): boolean {
    return attempt.changeRate && this.identification!.baudRate !== null;
  }

  private expectData(attempt: Attempt, nowMs: number, effects: Effects): void {
    const { mode, baudRate } = this.identification!;
    const present = attempt.signOnBaudRate;
    const asked = mode === 'C' && !this.changesRate(attempt) ? lowestBaudRate : baudRate;
    if (asked !== null && asked !== present) effects.push({ settings: settingsAt(asked) });
    this.state = 'data';
    this.untilMs = nowMs + silenceMsMax;
  }

  /** Tries the next way; a fault only once all have failed, so that a dead meter logs little. */
  private fail(nowMs: number): readonly (Telegram | Fault)[] {
    const rest = this.decoder.end();
    if (rest.some((result) => !isFault(result))) {
      this.succeed(nowMs);
      return rest;
    }
    this.attempt = (this.attempt + 1) % attempts.length;
    this.tried += 1;
    this.state = 'rest';
    if (this.tried < attempts.length) {
      this.untilMs = nowMs + retryPauseMs;
      return rest;
    }
    this.tried = 0;
    this.untilMs = Math.max(this.startedMs + readIntervalMs, nowMs + retryPauseMs);
    const detail = this.everAnswered
      ? 'the meter answers the sign-on but sends no whole read-out'
      : 'the meter does not answer the sign-on; check the position of the optical head';
    this.everAnswered = false;
    return [...rest, { protocol: 'iec62056-21', fault: 'truncated', offset: 0, detail }];
  }
}

/** Noise while the rate changes is no reason to begin again. */
const isFailure = (result: Telegram | Fault): boolean =>
  isFault(result) && result.fault !== 'noise';

const lowestBaudRate = 300;
const lineLengthMax = 80;

const reactionOf = ({ quick }: Identification): number => (quick ? quickReactionMs : reactionMs);

const sendingMs = (characters: number, baudRate: number): number =>
  Math.ceil((characters * bitsPerCharacter * 1000) / baudRate);

const settingsAt = (baudRate: number): SerialSettings => ({
  baudRate,
  dataBits: 7,
  parity: 'even',
  stopBits: 1,
});
