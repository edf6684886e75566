import type {
  ConversationOutput,
  DecoderOptions,
  MeterProtocol,
  SerialSettings,
} from '../meter-protocol.js';
import { Asking } from './asking.js';
import { describeSettings, type Detected } from './detected.js';
import { isSame } from './evidence.js';
import { Listening } from './listening.js';
import { planOf, type Plan } from './plan.js';
import { Speech, type Heard } from './speech.js';

export interface DetectorOutput {
  readonly effects: ConversationOutput['effects'];
  readonly wakeAtMs: number;
  /** Set once, at the end; `nothing` where no protocol was recognised. */
  readonly outcome: Detected | 'nothing' | null;
  /** Somebody spoke who was not understood so far. */
  readonly heard: Heard | null;
  /** For people: what is being tried. */
  readonly doing: string;
}

/** After this the answer is there, unless more time is given. */
export const detectMsMax = 60_000;
/** Meters push every 1 to 10 s. One that does shows itself at any rate, be it as garbage. */
const listenMs = 11_000;
const listenAllMs = 34_000;
/** Adapters that hide breaks hide slow meters from a fast port, but less from 9600 baud. */
const silentListensMax = 2;

/**
 * Finds out protocol and line settings of a meter, as a pure step: listens with the usual settings
 * of all protocols, then signs on, then asks buses, and again from the start while there is time.
 * Every step takes what arrived since the last one under the settings that the effects of that one
 * have set.
 */
export class Detector {
  private readonly options: DecoderOptions;
  private readonly plan: Plan;
  private readonly msMax: number;
  private readonly listening: Listening;
  private readonly speech = new Speech();
  private asking: Asking | null = null;
  private askWakeMs = Infinity;
  private askIndex = -1;
  /** So many times all of it was tried. */
  private rounds = 0;
  private startedMs: number | null = null;
  private roundMs = 0;
  private turnedMs = 0;
  private settings: SerialSettings | null = null;
  private outcome: Detected | 'nothing' | null = null;
  private effects: ConversationOutput['effects'][number][] = [];
  private doing = '';

  /** `fixed` are settings that a person has stated; they hold for all that is tried. */
  constructor(
    protocols: readonly MeterProtocol[],
    options: DecoderOptions,
    fixed: Partial<SerialSettings> = {},
    { msMax }: { msMax: number } = { msMax: detectMsMax },
  ) {
    this.options = options;
    this.plan = planOf(protocols, options, fixed);
    this.msMax = msMax;
    this.listening = new Listening(this.plan, options);
  }

  step({ nowMs, bytes }: { nowMs: number; bytes: Uint8Array }): DetectorOutput {
    this.effects = [];
    if (this.startedMs === null) {
      this.startedMs = nowMs;
      this.roundMs = nowMs;
      this.listen(nowMs);
    } else if (this.outcome === null) {
      if (this.asking) this.ask(this.asking, nowMs, bytes);
      else this.hear(nowMs, bytes);
      if (nowMs >= this.endMs) this.outcome ??= this.listening.best ?? 'nothing';
    }
    const { effects, outcome, doing } = this;
    return { effects, outcome, doing, heard: this.speech.heard, wakeAtMs: this.wakeAtMs(nowMs) };
  }

  private get endMs(): number {
    return this.startedMs! + this.msMax;
  }

  private wakeAtMs(nowMs: number): number {
    if (this.outcome !== null) return Infinity;
    return Math.min(this.endMs, this.asking ? this.askWakeMs : this.listening.wakeAtMs(nowMs));
  }

  private hear(nowMs: number, bytes: Uint8Array): void {
    const isOver = this.listening.hear(nowMs, bytes, this.turnMs(nowMs));
    this.speech.note(this.listening.spokeAtMs);
    // The same text in seven bits is listened to without the turn being over.
    this.set(this.listening.settings);
    if (!isOver) return;
    const { best } = this.listening;
    if (best) this.outcome = best;
    else if (this.isToAsk(nowMs)) this.askNext(nowMs);
    else {
      const { heard, patienceMs } = this.speech;
      if (heard && nowMs - this.turnedMs < patienceMs) this.listening.retry();
      this.listen(nowMs);
    }
  }

  /** Who speaks at some rhythm is waited for; a line that is silent is asked. */
  private isToAsk(nowMs: number): boolean {
    if (this.speech.isRegular(nowMs)) return false;
    if (this.rounds > 0) return !this.speech.isRecent(nowMs);
    const isSilent = this.speech.heard === null && this.listening.triedCount >= silentListensMax;
    return isSilent || nowMs - this.roundMs >= listenAllMs;
  }

  private listen(nowMs: number): void {
    this.turnedMs = nowMs;
    this.listening.turn(nowMs, this.turnMs(nowMs));
    this.set(this.listening.settings);
  }

  /** In the first round turns are short, so that all of it is tried within the minute. */
  private turnMs(nowMs: number): number {
    const isPatient = this.rounds > 0 || this.speech.isRegular(nowMs);
    return isPatient ? Math.max(listenMs, this.speech.patienceMs) : listenMs;
  }

  private set(settings: SerialSettings): void {
    if (this.settings && isSame(this.settings, settings)) return;
    this.settings = settings;
    this.effects.push({ settings });
    this.doing = `listening at ${describeSettings(settings)}`;
  }

  private askNext(nowMs: number): void {
    this.askIndex += 1;
    const ask = this.plan.asks[this.askIndex];
    if (!ask) return this.startAnew(nowMs);
    const { protocol, settings } = ask;
    this.doing = `asking by ${protocol.name} at ${describeSettings(settings)}`;
    this.effects.push({ settings });
    this.settings = null;
    this.asking = new Asking(ask, this.plan.heard, this.options, nowMs);
    this.ask(this.asking, nowMs, nothing);
  }

  private startAnew(nowMs: number): void {
    this.askIndex = -1;
    this.rounds += 1;
    this.roundMs = nowMs;
    this.listening.startAnew();
    this.listen(nowMs);
  }

  private ask(asking: Asking, nowMs: number, bytes: Uint8Array): void {
    const { effects, found, wakeAtMs } = asking.step(nowMs, bytes);
    this.effects.push(...effects);
    this.askWakeMs = wakeAtMs;
    if (found) this.outcome = found;
    if (this.outcome !== null || !asking.isOver(nowMs)) return;
    this.speech.note(asking.spokeAtMs);
    this.asking = null;
    if (this.speech.isRegular(nowMs)) this.startAnew(nowMs);
    else this.askNext(nowMs);
  }
}

const nothing = new Uint8Array(0);
