import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import {
  Detector,
  PulseCounter,
  PulseDecoder,
  pulsesAtStart,
  pulsesIn,
  protocolNamed,
  protocols,
  type Conversation,
  type ConversationOutput,
  type DecoderOptions,
  type Detected,
  type MeterDecoder,
  type SerialSettings,
} from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { settingsOf, statedSettings } from './decoder-options.js';
import { staleAfterMsOf } from './silence.js';

/** What a line turned out to be; kept for the next start. */
export interface KnownLine {
  readonly protocol: string;
  readonly settings: SerialSettings;
}

export interface InputStep {
  readonly results: readonly (Telegram | Fault)[];
  readonly effects: ConversationOutput['effects'];
  /** Step again then even if nothing arrives. */
  readonly wakeAtMs: number;
  /** Set when the line was found out by this step. */
  readonly found: Detected | null;
  /** Nothing is under way: another meter on the same wires may be asked. */
  readonly resting?: boolean;
}

/** What is known at the start. */
export interface Remembered {
  readonly line: KnownLine | null;
  /** The count in the newest reading of a pulse meter. */
  readonly pulses: number | null;
  readonly nowMs: number;
}

/** So many bytes without a telegram are no single disturbance. */
const GARBAGE_BYTES_MIN = 256;
/** Meters that are asked may answer once in five minutes. */
const ANSWERS_MS_MAX = 900_000;
/** Garbage for so many stale times is another meter or another baud rate. */
const SEARCH_STALE_TIMES = 2;
/** Where nothing is known, the next search begins after a pause. */
const SEARCH_PAUSE_MS = 5_000;

type Mode =
  | { readonly kind: 'decode'; readonly decoder: MeterDecoder }
  | { readonly kind: 'converse'; readonly conversation: Conversation }
  | { readonly kind: 'count'; readonly decoder: PulseDecoder; readonly counter: PulseCounter }
  | { readonly kind: 'search'; readonly detector: Detector }
  | { readonly kind: 'pause'; readonly untilMs: number };

const initialSettings: SerialSettings = {
  baudRate: 115_200,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
};

/**
 * What is read from a line, as a pure step: by a known protocol, asked where it has to be asked, or
 * found out first. What was found out is searched again when only garbage comes.
 */
export class MeterInput {
  readonly #meter: MeterConfig;
  readonly #options: DecoderOptions;
  #known: KnownLine | null;
  #mode: Mode;
  #doing = '';
  readonly #pulses: number | null;
  /** Since the last telegram or the last search. */
  #garbage = { bytes: 0, sinceMs: 0 };

  constructor(meter: MeterConfig, options: DecoderOptions, remembered: Remembered) {
    this.#pulses = remembered.pulses;
    this.#meter = meter;
    this.#options = options;
    const protocol = protocolNamed(meter.protocol);
    this.#known = protocol
      ? { protocol: protocol.name, settings: settingsOf(meter, protocol) }
      : remembered.line;
    this.#mode = this.#known ? this.#reading(this.#known) : this.#search();
    this.#garbage.sinceMs = remembered.nowMs;
  }

  /** `auto` until it is known. */
  get protocol(): string {
    return this.#known?.protocol ?? this.#meter.protocol;
  }

  /** To open the line with. */
  get settings(): SerialSettings {
    return this.#known?.settings ?? { ...initialSettings, ...statedSettings(this.#meter) };
  }

  /** For people; empty while it reads what it knows. */
  get doing(): string {
    return this.#doing;
  }

  step({ nowMs, bytes }: { nowMs: number; bytes: Uint8Array }): InputStep {
    const mode = this.#mode;
    switch (mode.kind) {
      case 'search':
        return this.#detect(mode.detector, nowMs, bytes);
      case 'pause':
        if (nowMs < mode.untilMs) return { ...quiet, wakeAtMs: mode.untilMs };
        this.#mode = this.#search();
        return this.step({ nowMs, bytes });
      case 'decode':
        return this.#watch(nowMs, bytes, {
          ...quiet,
          results: mode.decoder.push(bytes),
        });
      case 'count':
        return countStep(mode, nowMs, bytes);
      case 'converse':
        return this.#watch(nowMs, bytes, {
          found: null,
          ...mode.conversation.step({ nowMs, bytes }),
        });
    }
  }

  /** What is left to say when the line is read no more. */
  end(nowMs: number): readonly Telegram[] {
    const last = this.#mode.kind === 'count' ? this.#mode.counter.end(nowMs) : null;
    return last ? [last] : [];
  }

  #reading({ protocol: name }: KnownLine): Mode {
    if (name === 'pulse') return this.#counting();
    const protocol = protocolNamed(name)!;
    return protocol.conversation
      ? { kind: 'converse', conversation: protocol.conversation(this.#options) }
      : { kind: 'decode', decoder: protocol.decoder(this.#options) };
  }

  #counting(): Mode {
    const pulse = this.#options.pulse ?? { form: 'byte' };
    const counter = new PulseCounter(pulse, this.#pulses ?? pulsesAtStart(pulse));
    return { kind: 'count', decoder: new PulseDecoder(pulse.form), counter };
  }

  #search(): Mode {
    const stated = statedSettings(this.#meter);
    return { kind: 'search', detector: new Detector(protocols, this.#options, stated) };
  }

  #detect(detector: Detector, nowMs: number, bytes: Uint8Array): InputStep {
    const { outcome, effects, wakeAtMs, doing } = detector.step({ nowMs, bytes });
    this.#doing = doing;
    if (outcome === null) return { ...quiet, effects, wakeAtMs };
    this.#doing = '';
    this.#garbage = { bytes: 0, sinceMs: nowMs };
    if (outcome !== 'nothing') this.#known = outcome;
    if (!this.#known) {
      this.#mode = { kind: 'pause', untilMs: nowMs + SEARCH_PAUSE_MS };
      return { ...quiet, effects, wakeAtMs: nowMs + SEARCH_PAUSE_MS };
    }
    this.#mode = this.#reading(this.#known);
    const found = outcome === 'nothing' ? null : outcome;
    return {
      results: found?.telegram ? [found.telegram] : [],
      effects: [...effects, { settings: this.#known.settings }],
      wakeAtMs: nowMs,
      found,
    };
  }

  /** Goes over to a search when what is known does not fit any more. */
  #watch(nowMs: number, bytes: Uint8Array, step: InputStep): InputStep {
    if (this.#meter.protocol !== 'auto') return step;
    const isRead = step.results.some((result) => 'registers' in result);
    this.#garbage = isRead
      ? { bytes: 0, sinceMs: nowMs }
      : { ...this.#garbage, bytes: this.#garbage.bytes + bytes.length };
    const patientMs =
      this.#mode.kind === 'converse'
        ? ANSWERS_MS_MAX
        : SEARCH_STALE_TIMES * staleAfterMsOf(this.#meter, this.protocol);
    const isGarbage = this.#mode.kind === 'converse' || this.#garbage.bytes >= GARBAGE_BYTES_MIN;
    if (!isGarbage || nowMs - this.#garbage.sinceMs < patientMs) return step;
    this.#mode = this.#search();
    return { ...step, wakeAtMs: nowMs };
  }
}

function countStep(
  { decoder, counter }: Extract<Mode, { kind: 'count' }>,
  nowMs: number,
  bytes: Uint8Array,
): InputStep {
  const decoded = decoder.push(bytes);
  const { telegram, wakeAtMs } = counter.step({ nowMs, pulses: pulsesIn(decoded) });
  const results = [...decoded.filter(isFault), ...(telegram ? [telegram] : [])];
  return { ...quiet, results, wakeAtMs };
}

const quiet = { results: [], effects: [], wakeAtMs: Infinity, found: null } as const;
