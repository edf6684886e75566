import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import {
  describeHeard,
  describeSettings,
  Detector,
  PulseCounter,
  pulseReader,
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
  /** Of a meter on a bus that was searched for. */
  readonly address?: string;
  readonly registerMap?: string;
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
/** What is known already is returned to, unless something else turns up within five minutes. */
const SEARCH_MS_MAX = 300_000;
/** Somebody answers whom no register map fits; the next search begins after a pause. */
const SEARCH_PAUSE_MS = 60_000;

type Mode =
  | { readonly kind: 'decode'; readonly decoder: MeterDecoder }
  | { readonly kind: 'converse'; readonly conversation: Conversation }
  | {
      readonly kind: 'count';
      readonly read: ReturnType<typeof pulseReader>;
      readonly counter: PulseCounter;
    }
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

  /** `decoder` has heard the beginning of the next telegram already. */
  #reading(line: KnownLine, decoder: MeterDecoder | null = null): Mode {
    const { protocol: name, address, registerMap } = line;
    if (name === 'pulse') return this.#counting();
    const protocol = protocolNamed(name)!;
    const found = { ...(address && { address }), ...(registerMap && { registerMap }) };
    const options = { ...found, ...this.#options };
    return protocol.conversation
      ? { kind: 'converse', conversation: protocol.conversation(options) }
      : { kind: 'decode', decoder: decoder ?? protocol.decoder(options) };
  }

  #counting(): Mode {
    const pulse = this.#options.pulse ?? { input: 'byte' };
    const counter = new PulseCounter(pulse, this.#pulses ?? pulsesAtStart(pulse));
    return { kind: 'count', read: pulseReader(pulse), counter };
  }

  #search(): Mode {
    const stated = statedSettings(this.#meter);
    const msMax = this.#known ? SEARCH_MS_MAX : Infinity;
    return { kind: 'search', detector: new Detector(protocols, this.#options, stated, { msMax }) };
  }

  #detect(detector: Detector, nowMs: number, bytes: Uint8Array): InputStep {
    const { outcome, effects, wakeAtMs, doing, heard } = detector.step({ nowMs, bytes });
    this.#doing = heard === null ? doing : `${doing}; ${describeHeard(heard)}`;
    if (outcome === null) return { ...quiet, effects, wakeAtMs };
    this.#doing = '';
    this.#garbage = { bytes: 0, sinceMs: nowMs };
    const found = outcome === 'nothing' ? null : outcome;
    const line = found && knownLineOf(found);
    this.#known = line ?? this.#known;
    if (!this.#known) return this.#wait(found, effects, nowMs);
    this.#mode = this.#reading(this.#known, line && found ? found.decoder : null);
    return {
      results: found?.telegrams ?? [],
      effects: [...effects, { settings: this.#known.settings }],
      wakeAtMs: nowMs,
      found: line && found,
    };
  }

  #wait(found: Detected | null, effects: InputStep['effects'], nowMs: number): InputStep {
    const untilMs = nowMs + SEARCH_PAUSE_MS;
    if (found?.bus) {
      const { address } = found.bus;
      const place = `${found.protocol} unit ${address} answers at ${describeSettings(found.settings)}`;
      this.#doing = `${place}, but no register map fits; set protocol, address and registerMap`;
    }
    this.#mode = { kind: 'pause', untilMs };
    return { ...quiet, effects, wakeAtMs: untilMs };
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

/** Null of a meter that cannot be read, because what its registers hold is not known. */
export function knownLineOf({ protocol, settings, bus }: Detected): KnownLine | null {
  if (!bus) return { protocol, settings };
  const { address, registerMap } = bus;
  return registerMap === null ? null : { protocol, settings, address, registerMap };
}

function countStep(
  { read, counter }: Extract<Mode, { kind: 'count' }>,
  nowMs: number,
  bytes: Uint8Array,
): InputStep {
  const decoded = read({ nowMs, bytes });
  const { telegram, wakeAtMs } = counter.step({ nowMs, pulses: pulsesIn(decoded) });
  const results = [...decoded.filter(isFault), ...(telegram ? [telegram] : [])];
  return { ...quiet, results, wakeAtMs };
}

const quiet = { results: [], effects: [], wakeAtMs: Infinity, found: null } as const;
