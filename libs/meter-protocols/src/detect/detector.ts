import { isFault, type Telegram } from '@wattbus/energy-model';
import type {
  Conversation,
  ConversationOutput,
  DecoderOptions,
  MeterProtocol,
  SerialSettings,
} from '../meter-protocol.js';
import { Evidence, isSame, type Score } from './evidence.js';
import { planOf, type Plan } from './plan.js';

/** What hangs on a line. */
export interface Detected {
  readonly protocol: string;
  readonly settings: SerialSettings;
  /** From 0 to 1: a telegram with a checksum gives 0.99. */
  readonly certainty: number;
  /** What the meter said; null where it encrypts and the key is missing or wrong. */
  readonly telegram: Telegram | null;
}

export interface DetectorOutput {
  readonly effects: ConversationOutput['effects'];
  readonly wakeAtMs: number;
  /** Set once, at the end; `nothing` where no protocol was recognised. */
  readonly outcome: Detected | 'nothing' | null;
  /** For people: what is being tried. */
  readonly doing: string;
}

/** After this the answer is there. */
export const detectMsMax = 60_000;
/** Meters push every 1 to 10 s. One that does shows itself at any rate, be it as garbage. */
const listenMs = 11_000;
const listenAllMs = 34_000;
/** Noise misleads an estimate; then the usual order goes on. */
const estimateUsesMax = 3;
/** Adapters that hide breaks hide slow meters from a fast port, but less from 9600 baud. */
const silentListensMax = 2;
/** Of this certainty nothing more is waited for. */
const certaintySettled = 0.95;
const certaintyMin = 0.8;
/** What answers has sent more than the echo of what it was sent. */
const answerBytesMin = 8;
const answeredLimitMs = 25_000;

interface Asking {
  readonly protocol: MeterProtocol;
  readonly conversation: Conversation;
  readonly untilMs: number;
  /** The conversation's clock is ahead: it does not listen again. */
  readonly aheadMs: number;
  settings: SerialSettings;
  heard: number;
  sent: number;
  wakeAtMs: number;
}

/**
 * Finds out protocol and line settings of a meter, as a pure step: listens with the usual settings
 * of all protocols, then signs on, then asks buses. Every step takes what arrived since the last
 * one under the settings that the effects of that one have set.
 */
export class Detector {
  private readonly options: DecoderOptions;
  private readonly plan: Plan;
  private listenIndex = -1;
  private listenUntilMs = 0;
  private readonly tried = new Set<number>();
  private isExtended = false;
  private slower = { baudRate: 0, uses: 0 };
  private evidence: Evidence | null = null;
  private best: Detected | null = null;
  private anythingHeard = false;
  private askIndex = -1;
  private asking: Asking | null = null;
  private startedMs: number | null = null;
  private outcome: Detected | 'nothing' | null = null;
  private effects: ConversationOutput['effects'][number][] = [];
  private doing = '';

  constructor(
    protocols: readonly MeterProtocol[],
    options: DecoderOptions,
    fixed: Partial<SerialSettings> = {},
  ) {
    this.options = options;
    this.plan = planOf(protocols, options, fixed);
  }

  step({ nowMs, bytes }: { nowMs: number; bytes: Uint8Array }): DetectorOutput {
    this.effects = [];
    this.startedMs ??= nowMs;
    if (this.outcome === null) {
      if (this.listenIndex < 0) this.listen(0, nowMs);
      else if (this.asking) this.ask(this.asking, nowMs, bytes);
      else this.hear(nowMs, bytes);
      if (nowMs - this.startedMs >= detectMsMax) this.outcome ??= this.best ?? 'nothing';
    }
    const { effects, outcome, doing } = this;
    return { effects, outcome, doing, wakeAtMs: this.wakeAtMs(nowMs) };
  }

  private wakeAtMs(nowMs: number): number {
    if (this.outcome !== null) return Infinity;
    const endMs = this.startedMs! + detectMsMax;
    const { asking } = this;
    if (!asking) {
      // A burst that is over already was judged.
      const burstEndsAtMs = this.evidence!.burstEndsAtMs;
      const wakeAtMs = burstEndsAtMs > nowMs ? burstEndsAtMs : Infinity;
      return Math.min(endMs, this.listenUntilMs, wakeAtMs);
    }
    return Math.min(endMs, asking.wakeAtMs - asking.aheadMs, limitOf(asking));
  }

  private hear(nowMs: number, bytes: Uint8Array): void {
    const evidence = this.evidence!;
    evidence.push(bytes, nowMs);
    this.anythingHeard ||= evidence.isActive;
    const settings = this.plan.listen[this.listenIndex]!;
    if (evidence.showsEvenParity()) return this.listenInSevenBits(settings, nowMs);
    this.keep(evidence.scores()[0], settings);
    if (this.best && this.best.certainty >= certaintySettled) {
      this.outcome = this.best;
    } else if (evidence.isForeign(nowMs)) {
      this.listenOn(nowMs);
    } else if (nowMs >= this.listenUntilMs) {
      // The telegram may have been disturbed; the next one is waited for.
      const isWaiting = !this.best && !this.isExtended && evidence.isPromising();
      if (!isWaiting || !evidence.isActive) return this.listenOn(nowMs);
      this.isExtended = true;
      this.listenUntilMs = nowMs + listenMs;
    }
  }

  private keep(score: Score | undefined, settings: SerialSettings): void {
    if (score === undefined || score.certainty < certaintyMin) return;
    if (this.best && this.best.certainty >= score.certainty) return;
    this.best = { ...score, settings };
  }

  private listenOn(nowMs: number): void {
    const isOver = nowMs - this.startedMs! >= listenAllMs;
    if (this.best) this.outcome = this.best;
    else if (isOver || this.isSilent()) this.askNext(nowMs);
    else this.listen(this.likeliest(), nowMs);
  }

  private isSilent(): boolean {
    return !this.anythingHeard && this.tried.size >= silentListensMax;
  }

  /** Of the settings not tried yet, those nearest to the rate that the garbage tells. */
  private likeliest(): number {
    const estimate = this.evidence!.slowerBaudRate();
    if (estimate !== null) this.slower = { baudRate: estimate, uses: estimateUsesMax };
    const slower = this.slower.uses > 0 ? this.slower.baudRate : null;
    this.slower.uses -= 1;
    const all = this.plan.listen.map((_, index) => index);
    let open = all.filter((index) => !this.tried.has(index));
    if (open.length === 0) {
      this.tried.clear();
      open = all;
    }
    if (slower === null) return open[0]!;
    const distanceOf = (index: number): number =>
      Math.abs(Math.log(this.plan.listen[index]!.baudRate / slower));
    return open.reduce((best, index) => (distanceOf(index) < distanceOf(best) ? index : best));
  }

  private listenInSevenBits(settings: SerialSettings, nowMs: number): void {
    const seven: SerialSettings = { ...settings, dataBits: 7, parity: 'even' };
    const index = this.plan.listen.findIndex((usual) => isSame(usual, seven));
    if (index >= 0) this.listen(index, nowMs);
    else this.listenOn(nowMs);
  }

  private listen(index: number, nowMs: number): void {
    const settings = this.plan.listen[index]!;
    this.listenIndex = index;
    this.tried.add(index);
    this.listenUntilMs = nowMs + listenMs;
    this.evidence = new Evidence(this.plan.heard, settings, this.options, nowMs);
    this.isExtended = false;
    this.effects.push({ settings });
    this.doing = `listening at ${describeSettings(settings)}`;
  }

  private askNext(nowMs: number): void {
    this.askIndex += 1;
    const ask = this.plan.asks[this.askIndex];
    if (!ask) {
      this.outcome = 'nothing';
      return;
    }
    const { protocol, settings, limitMs } = ask;
    this.doing = `asking by ${protocol.name} at ${describeSettings(settings)}`;
    this.effects.push({ settings });
    const conversation = protocol.conversation!(this.options);
    const first = conversation.step({ nowMs, bytes: nothing });
    const aheadMs = first.effects.length > 0 ? 0 : first.wakeAtMs - nowMs;
    this.asking = {
      protocol,
      conversation,
      untilMs: nowMs + limitMs,
      aheadMs,
      settings,
      heard: 0,
      sent: 0,
      wakeAtMs: first.wakeAtMs,
    };
    this.carryOut(this.asking, first);
    if (aheadMs > 0) this.converse(this.asking, nowMs, nothing);
  }

  private ask(asking: Asking, nowMs: number, bytes: Uint8Array): void {
    asking.heard += bytes.length;
    this.converse(asking, nowMs, bytes);
    if (this.outcome !== null || nowMs < limitOf(asking)) return;
    this.asking = null;
    this.askNext(nowMs);
  }

  private converse(asking: Asking, nowMs: number, bytes: Uint8Array): void {
    const output = asking.conversation.step({ nowMs: nowMs + asking.aheadMs, bytes });
    // A telegram came under the settings before those that follow it.
    for (const result of output.results) {
      if (isFault(result) || result.registers.length === 0) continue;
      this.outcome = {
        protocol: asking.protocol.name,
        settings: asking.settings,
        certainty: result.checked ? certaintyOfCheckedAnswer : certaintySettled,
        telegram: result,
      };
      return;
    }
    this.carryOut(asking, output);
  }

  private carryOut(asking: Asking, { effects, wakeAtMs }: ConversationOutput): void {
    asking.wakeAtMs = wakeAtMs;
    for (const effect of effects) {
      this.effects.push(effect);
      if ('settings' in effect) asking.settings = effect.settings;
      else asking.sent += effect.send.length;
    }
  }
}

const nothing = new Uint8Array(0);
const certaintyOfCheckedAnswer = 0.99;

const limitOf = ({ untilMs, heard, sent }: Asking): number =>
  heard >= sent + answerBytesMin ? untilMs + answeredLimitMs : untilMs;

/** `9600 7E1`. */
export const describeSettings = ({
  baudRate,
  dataBits,
  parity,
  stopBits,
}: SerialSettings): string => `${baudRate} ${dataBits}${parity[0]!.toUpperCase()}${stopBits}`;
