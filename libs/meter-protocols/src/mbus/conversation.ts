import type { Fault, Register, Telegram } from '@wattbus/energy-model';
import type {
  Conversation,
  ConversationInput,
  ConversationOutput,
  DecoderOptions,
} from '../meter-protocol.js';
import type { Answer } from './application.js';
import {
  anyAddress,
  encodeRequest,
  encodeReset,
  encodeSelection,
  readBusAddress,
  selectedAddress,
  type BusAddress,
} from './link.js';
import { mainsPoweredMedia } from './media.js';
import { MbusScanner, type LinkEvent } from './mbus-decoder.js';

/** From one read-out to the next. Meters on a battery count how often they are asked. */
export const readIntervalMs = 300_000;
export const mainsPoweredIntervalMs = 10_000;
/** EN 13757-2 §5.6.3: within 330 bit times and 50 ms; converters and adapters take theirs. */
export const answerMsMax = 2_000;
/** A frame is over, or will not become whole, when nothing has come for so long. */
export const silenceMsMax = 500;
/** An acknowledgement is one byte. One that was not selected before gives none. */
const acknowledgeMsMax = 500;
const attemptsMax = 3;
/** A meter that did not answer is asked again. */
export const retryMs = 60_000;
/** Telegrams that a read-out may consist of; the largest known have seven. */
const telegramsMax = 16;

type Step = 'rest' | 'reset' | 'select' | 'request';

type Effects = ConversationOutput['effects'][number][];

/**
 * Asks a meter for all its telegrams: SND_NKE, selection where it goes by its identification, then
 * REQ_UD2 with an alternating frame count bit as long as more records follow.
 *
 * Throws on an address that `readBusAddress` refuses: configuration is checked before.
 */
export class MbusConversation implements Conversation {
  private readonly address: BusAddress;
  private readonly scanner = new MbusScanner();
  private state: Step = 'rest';
  /** When the present step is over, whatever comes. */
  private untilMs = 0;
  private startedMs = 0;
  private attempt = 0;
  private frameCount = true;
  private answers: Answer[] = [];
  private results: (Telegram | Fault)[] = [];
  private effects: Effects = [];

  constructor({ address }: DecoderOptions) {
    const read = readBusAddress(address);
    if (typeof read === 'string') throw new Error(`mbus: ${read}`);
    this.address = read;
  }

  step({ nowMs, bytes }: ConversationInput): ConversationOutput {
    this.results = [];
    this.effects = [];
    if (bytes.length > 0 && this.state !== 'rest') {
      this.untilMs = Math.max(this.untilMs, nowMs + silenceMsMax);
    }
    for (const event of this.scanner.push(bytes)) this.receive(event, nowMs);
    while (nowMs >= this.untilMs) this.expire(nowMs);
    return {
      results: this.results,
      effects: this.effects,
      wakeAtMs: this.untilMs,
      resting: this.state === 'rest',
    };
  }

  private receive(event: LinkEvent, nowMs: number): void {
    if (event.kind === 'fault') this.results.push(event.fault);
    else if (event.kind === 'acknowledge') {
      if (this.state === 'reset') this.afterReset(nowMs);
      else if (this.state === 'select') this.request(nowMs);
    } else if (event.kind === 'answer' && this.isAsked(event.address)) {
      this.take(event.answer, nowMs);
    }
  }

  private isAsked(address: number): boolean {
    if (this.state !== 'request') return false;
    return this.address.kind === 'secondary' || matches(this.address.address, address);
  }

  private expire(nowMs: number): void {
    this.results.push(
      ...this.scanner.abandon().flatMap((event) => (event.kind === 'fault' ? [event.fault] : [])),
    );
    if (this.state === 'rest') this.begin(nowMs);
    // Some meters do not acknowledge, but all answer.
    else if (this.state === 'reset') this.afterReset(nowMs);
    else if (this.attempt < attemptsMax) this.repeat(nowMs);
    else this.fail(nowMs);
  }

  private begin(nowMs: number): void {
    this.startedMs = nowMs;
    this.answers = [];
    this.frameCount = true;
    this.enter('reset', encodeReset(this.linkAddress()), nowMs);
  }

  private afterReset(nowMs: number): void {
    this.attempt = 0;
    if (this.address.kind === 'secondary') this.select(this.address.bytes, nowMs);
    else this.request(nowMs);
  }

  private select(secondary: Uint8Array, nowMs: number): void {
    this.attempt += 1;
    this.enter('select', encodeSelection(secondary), nowMs);
  }

  private request(nowMs: number): void {
    if (this.state !== 'request') this.attempt = 0;
    this.attempt += 1;
    this.enter('request', encodeRequest(this.linkAddress(), this.frameCount), nowMs);
  }

  /** The same once more: with the same frame count bit the meter repeats its telegram. */
  private repeat(nowMs: number): void {
    if (this.state === 'select' && this.address.kind === 'secondary') {
      this.select(this.address.bytes, nowMs);
    } else this.request(nowMs);
  }

  private enter(state: Step, bytes: Uint8Array, nowMs: number): void {
    this.state = state;
    this.effects.push({ send: bytes });
    this.untilMs = nowMs + (state === 'request' ? answerMsMax : acknowledgeMsMax);
  }

  private take(answer: Answer, nowMs: number): void {
    this.answers.push(answer);
    if (!answer.moreFollow || this.answers.length === telegramsMax) {
      this.finish(nowMs);
      return;
    }
    this.frameCount = !this.frameCount;
    this.attempt = 0;
    this.request(nowMs);
  }

  private finish(nowMs: number): void {
    const [first] = this.answers;
    if (first) this.results.push(merged(this.answers));
    const isMainsPowered = first !== undefined && mainsPoweredMedia.includes(first.medium);
    const interval = isMainsPowered ? mainsPoweredIntervalMs : readIntervalMs;
    this.rest(Math.max(this.startedMs + interval, nowMs + silenceMsMax));
  }

  private fail(nowMs: number): void {
    const { address } = this;
    const name = address.kind === 'primary' ? nameOf(address.address) : 'with that identification';
    const detail =
      this.answers.length > 0
        ? `the meter sent ${this.answers.length} telegrams and not the next one`
        : `the meter ${name} does not answer; check address and baud rate`;
    if (this.answers.length > 0) this.finish(nowMs);
    else this.rest(nowMs + retryMs);
    this.results.push({ protocol: 'mbus', fault: 'truncated', offset: 0, detail });
  }

  private rest(untilMs: number): void {
    this.state = 'rest';
    this.attempt = 0;
    this.answers = [];
    this.untilMs = untilMs;
  }

  private linkAddress(): number {
    return this.address.kind === 'primary' ? this.address.address : selectedAddress;
  }
}

const matches = (asked: number, answering: number): boolean =>
  asked === anyAddress || asked === answering;

const nameOf = (address: number): string =>
  address === anyAddress ? 'on this line' : `at address ${address}`;

/** One telegram of all that a meter said; marks between them are no registers. */
function merged(answers: readonly Answer[]): Telegram {
  const [first] = answers;
  const registers: Register[] = answers.flatMap(({ telegram, moreFollow }) =>
    moreFollow ? telegram.registers.slice(0, -1) : telegram.registers,
  );
  const warnings = [...new Set(answers.flatMap(({ telegram }) => telegram.warnings))];
  return { ...first!.telegram, registers, warnings };
}
