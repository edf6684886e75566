import type { Fault, Telegram } from '@wattbus/energy-model';
import type { RegisterMap } from './modbus/register-map.js';
import type { PulseOptions } from './pulse/pulse-options.js';

/**
 * The seam between a protocol and the rest: a protocol folder exports one `MeterProtocol`, and
 * `protocols.ts` lists it.
 */
export interface MeterProtocol {
  /** As printed and configured: `dsmr`, `sml`, `text-line` … */
  readonly name: string;
  /** For people: the standards and where such meters hang. */
  readonly title: string;
  /** Usual line settings, the most usual first; automatic detection tries them in this order. */
  readonly serialSettings: readonly SerialSettings[];
  readonly decoder: (options: DecoderOptions) => MeterDecoder;
  /** Between two readings, where that is more than a minute. */
  readonly intervalS?: number;
  /** Only for meters that have to be asked; such a protocol still has a decoder for replies. */
  readonly conversation?: (options: DecoderOptions) => Conversation;
  /** Only for buses whose meters do not say what their numbers mean: finds out who is there. */
  readonly search?: (options: DecoderOptions, units: readonly number[]) => BusSearch;
  /** Only for meters that encrypt: the same bytes with what is inside changed, of equal lengths. */
  readonly reseal?: (bytes: Uint8Array, options: DecoderOptions, change: Change) => Uint8Array;
  /** Rows of the generated list of meters. */
  readonly meters: readonly KnownMeter[];
}

export interface SerialSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

export interface KnownMeter {
  readonly country: string;
  readonly meter: string;
  readonly cable: string;
  readonly gives: string;
}

/** Everything a decoder may need besides bytes; each protocol reads what concerns it. */
export interface DecoderOptions {
  /** Offset of the meter's standard (winter) time from UTC; for timestamps that lack it. */
  readonly standardOffsetMinutes: number;
  /** AES-128 key and authentication key, 16 bytes each, for meters that encrypt. */
  readonly key?: Uint8Array;
  readonly authenticationKey?: Uint8Array;
  /** Take telegrams whose checksum is wrong or missing although the protocol has one. */
  readonly lenient?: boolean;
  /** `text-line`: a regular expression with named groups that are quantity names. */
  readonly pattern?: string;
  /** Polled protocols: the bus address and the name of the register map. */
  readonly address?: string;
  readonly registerMap?: string;
  /** `modbus`: the user's own maps, which go before those that are built in. */
  readonly registerMaps?: readonly RegisterMap[];
  /** `pulse`: what a pulse comes in as, and what it is worth. */
  readonly pulse?: PulseOptions;
  /** `json`: which quantity a key is, by its path (`energy.total`), in its unit or thousands of it. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface MeterDecoder {
  /**
   * Takes bytes as they come; returns what they completed, in order. Never throws on input, never
   * holds more than 64 KiB and one frame, keeps no reference to `bytes`.
   */
  push(bytes: Uint8Array): readonly (Telegram | Fault)[];
  /**
   * Called once behind the last byte of a file: gives a last telegram whose terminator was not
   * recorded and what is known of bytes that will not be completed. A line never ends, so that
   * `push` does without it.
   */
  end?(): readonly (Telegram | Fault)[];
}

/** Asking a meter, as a pure step: time and bytes come in, what to do goes out. */
export interface Conversation {
  step(input: ConversationInput): ConversationOutput;
}

export interface ConversationInput {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** What arrived since the last step; empty on a timer's step. */
  readonly bytes: Uint8Array;
}

export interface ConversationOutput {
  readonly results: readonly (Telegram | Fault)[];
  /** In order: bytes to send, or line settings to change to. */
  readonly effects: readonly ({ send: Uint8Array } | { settings: SerialSettings })[];
  /** Step again at this time even if nothing arrives. */
  readonly wakeAtMs: number;
  /** Nothing is under way until then: others on the same wires may be asked. */
  readonly resting?: boolean;
}

/** Finds out which of some addresses of a bus answers, and what it is; a pure step as well. */
export interface BusSearch {
  step(input: ConversationInput): BusSearchOutput;
}

export interface BusSearchOutput extends Omit<ConversationOutput, 'results'> {
  /** Set once, at the end; `nothing` where nobody answered. */
  readonly outcome: BusFound | 'nothing' | null;
  /** Somebody is there: what is found out of them takes a while. */
  readonly hasAnswered: boolean;
}

export interface BusFound {
  readonly address: string;
  /** Null where somebody answers, but as none of the maps says. */
  readonly registerMap: string | null;
  /** From 0 to 1: that it is this map. */
  readonly certainty: number;
  /** Maps that fit as well. */
  readonly alsoFits: readonly string[];
  readonly telegram: Telegram | null;
}

/** What becomes of a plain text and of the system title in front of it. */
export type Change = (sealed: Sealed) => Sealed;

export interface Sealed {
  readonly plain: Uint8Array;
  readonly systemTitle: Uint8Array;
}
