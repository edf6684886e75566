import { isFault } from '@wattbus/energy-model';
import type {
  BusFound,
  BusSearch,
  Conversation,
  ConversationOutput,
  DecoderOptions,
  MeterProtocol,
  SerialSettings,
} from '../meter-protocol.js';
import type { Detected } from './detected.js';
import { Evidence, isSame } from './evidence.js';
import type { Ask } from './plan.js';

/** What answers has sent more than the echo of what it was sent. */
const answerBytesMin = 8;
const answeredLimitMs = 25_000;
/** A meter that is asked begins to answer within 1.5 s (IEC 62056-21, §6.4). */
const reactionMsMax = 2_500;
/** Of this certainty nothing more is waited for. */
export const certaintySettled = 0.95;
export const certaintyOfChecked = 0.99;

interface Asked {
  readonly effects: ConversationOutput['effects'];
  readonly found: Detected | null;
  readonly wakeAtMs: number;
}

/** Asks under one setting by one protocol, and hears those who speak unasked meanwhile. */
export class Asking {
  private readonly ask: Ask;
  private readonly asker: Asker;
  private readonly evidence: Evidence;
  private readonly untilMs: number;
  private settings: SerialSettings;
  private heard = 0;
  private sent = 0;
  private sentAtMs = -Infinity;

  constructor(ask: Ask, heard: readonly MeterProtocol[], options: DecoderOptions, nowMs: number) {
    this.ask = ask;
    this.settings = ask.settings;
    this.untilMs = nowMs + ask.limitMs;
    this.evidence = new Evidence(heard, ask.settings, options, nowMs);
    this.asker = ask.units
      ? searching(ask.protocol.search!(options, ask.units), ask.protocol.name)
      : conversing(ask.protocol.conversation!(options), ask.protocol.name);
  }

  step(nowMs: number, bytes: Uint8Array): Asked {
    this.heard += bytes.length;
    const { found, effects, wakeAtMs } = this.asker.step(nowMs, bytes, this.settings);
    // A telegram came under the settings before those that follow it.
    const answer = found ?? this.overheard(nowMs, bytes);
    if (answer) return { effects: [], found: answer, wakeAtMs: Infinity };
    for (const effect of effects) {
      if ('settings' in effect) this.settings = effect.settings;
      else {
        this.sent += effect.send.length;
        this.sentAtMs = nowMs;
      }
    }
    return { effects, found: null, wakeAtMs: Math.min(wakeAtMs, this.limitMs) };
  }

  isOver(nowMs: number): boolean {
    return this.asker.isOver() || nowMs >= this.limitMs;
  }

  /** When somebody spoke who was not asked. */
  get spokeAtMs(): number | null {
    const { spokeAtMs } = this.evidence;
    const hasAnswered =
      this.asker.hasAnswered() ?? (spokeAtMs ?? 0) <= this.sentAtMs + reactionMsMax;
    return hasAnswered ? null : spokeAtMs;
  }

  private get limitMs(): number {
    const isMore = this.heard >= this.sent + answerBytesMin && this.spokeAtMs === null;
    return this.untilMs + ((this.asker.hasAnswered() ?? isMore) ? answeredLimitMs : 0);
  }

  /** A meter that pushes, caught by the settings that others are asked with. */
  private overheard(nowMs: number, bytes: Uint8Array): Detected | null {
    if (!isSame(this.settings, this.ask.settings)) return null;
    this.evidence.push(bytes, nowMs);
    const score = this.evidence.scores()[0];
    if (score === undefined || score.certainty < certaintySettled) return null;
    return { ...score, settings: this.settings };
  }
}

/** A conversation or a search, asked in one way. */
interface Asker {
  step(nowMs: number, bytes: Uint8Array, settings: SerialSettings): Asked;
  isOver(): boolean;
  /** Null where only the number of bytes tells. */
  hasAnswered(): boolean | null;
}

function conversing(conversation: Conversation, protocol: string): Asker {
  /** Its clock is ahead, so that it does not listen again. */
  let aheadMs: number | null = null;
  const step = (nowMs: number, bytes: Uint8Array): ConversationOutput => {
    if (aheadMs !== null) return conversation.step({ nowMs: nowMs + aheadMs, bytes });
    const first = conversation.step({ nowMs, bytes });
    aheadMs = first.effects.length > 0 ? 0 : first.wakeAtMs - nowMs;
    return aheadMs === 0 ? first : conversation.step({ nowMs: nowMs + aheadMs, bytes: nothing });
  };
  return {
    isOver: () => false,
    hasAnswered: () => null,
    step: (nowMs, bytes, settings) => {
      const { results, effects, wakeAtMs } = step(nowMs, bytes);
      const telegrams = results.filter(
        (result) => !isFault(result) && result.registers.length > 0,
      ) as Detected['telegrams'];
      const [first] = telegrams;
      const certainty = first?.checked ? certaintyOfChecked : certaintySettled;
      const found = first ? { protocol, settings, certainty, telegrams, decoder: null } : null;
      return { effects, found, wakeAtMs: wakeAtMs - (aheadMs ?? 0) };
    },
  };
}

function searching(search: BusSearch, protocol: string): Asker {
  let isOver = false;
  let hasAnswered = false;
  return {
    isOver: () => isOver,
    hasAnswered: () => hasAnswered,
    step: (nowMs, bytes, settings) => {
      const output = search.step({ nowMs, bytes });
      const { outcome, effects, wakeAtMs } = output;
      isOver = outcome !== null;
      hasAnswered = output.hasAnswered;
      const found = outcome === null || outcome === 'nothing' ? null : detected(outcome);
      return { effects, wakeAtMs, found };
      function detected({ telegram, ...bus }: BusFound): Detected {
        const telegrams = telegram ? [telegram] : [];
        return { protocol, settings, certainty: certaintyOfChecked, telegrams, decoder: null, bus };
      }
    },
  };
}

const nothing = new Uint8Array(0);
