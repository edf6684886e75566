import type {
  BusFound,
  BusSearch,
  BusSearchOutput,
  ConversationInput,
  ConversationOutput,
  DecoderOptions,
} from '../meter-protocol.js';
import type { Block } from './blocks.js';
import { replyIn } from './bus-reply.js';
import { readModbusAddress, requestPdu, rtuFrame, tcpFrame, type ModbusAddress } from './frames.js';
import { interview, type Interview } from './interview.js';
import type { RegisterMap } from './register-map.js';
import { knownMaps } from './register-maps.js';

/** Meters answer within some 200 ms. One that is there may take longer for what is asked. */
const probeMsMax = 300;
const answerMsMax = 500;
/** Between two pieces of one reply. */
const pieceMsMax = 120;
/** Modbus over serial line, §2.5.1.1: 3.5 characters of silence, 16 ms at 2400 baud. */
const pauseMs = 20;
const attemptsMax = 3;
/** One answer may be lost; both kinds of registers are asked for. */
const probes: readonly Uint8Array[] = ([3, 4] as const).map((readWith) => {
  const block: Block = { function: readWith, start: 0, words: 2 };
  return requestPdu(block);
});
const heldBytesMax = 600;

/** Asks the units of a bus whether they are there, and the first that is what it keeps. */
export class ModbusSearch implements BusSearch {
  private readonly maps: readonly RegisterMap[];
  private readonly framing: ModbusAddress['framing'];
  private readonly units: readonly number[];
  private unitIndex = 0;
  private interview: Interview | null = null;
  private pdu: Uint8Array = probes[0]!;
  private attempt = 0;
  private transaction = 0;
  private state: 'pause' | 'asked' = 'pause';
  private untilMs = -Infinity;
  private held: Uint8Array = new Uint8Array(0);
  private outcome: BusFound | 'nothing' | null = null;
  private effects: ConversationOutput['effects'][number][] = [];

  /** An address in the options goes before the units. */
  constructor(options: DecoderOptions, units: readonly number[]) {
    const address = readModbusAddress(options.address);
    if (typeof address === 'string') throw new Error(`modbus: ${address}`);
    this.framing = address.framing;
    this.units = options.address === undefined ? units : [address.unit];
    this.maps = knownMaps(options);
  }

  step({ nowMs, bytes }: ConversationInput): BusSearchOutput {
    this.effects = [];
    if (this.outcome === null) this.receive(bytes, nowMs);
    if (this.outcome === null && nowMs >= this.untilMs) this.proceed(nowMs);
    const { effects, outcome } = this;
    const hasAnswered = this.interview !== null;
    return { effects, outcome, hasAnswered, wakeAtMs: outcome ? Infinity : this.untilMs };
  }

  private get address(): ModbusAddress {
    return { framing: this.framing, unit: this.units[this.unitIndex]! };
  }

  private receive(bytes: Uint8Array, nowMs: number): void {
    if (bytes.length === 0 || this.state !== 'asked') return;
    this.held = Uint8Array.from([...this.held, ...bytes]).slice(-heldBytesMax);
    this.untilMs = Math.max(this.untilMs, nowMs + pieceMsMax);
    const reply = replyIn(this.held, this.address, this.pdu[0]!);
    if (reply === null) return;
    this.pause(nowMs);
    this.heard(reply.kind === 'data' ? reply.data : null);
  }

  private proceed(nowMs: number): void {
    if (this.state === 'asked') {
      this.missed();
      this.pause(nowMs);
    } else this.ask(nowMs);
  }

  /** A late answer would be taken for that to the next question if the line were not let be. */
  private pause(nowMs: number): void {
    this.state = 'pause';
    this.untilMs = nowMs + pauseMs;
  }

  private ask(nowMs: number): void {
    const { unit, framing } = this.address;
    this.transaction = (this.transaction + 1) & 0xffff;
    const send =
      framing === 'tcp' ? tcpFrame(this.transaction, unit, this.pdu) : rtuFrame(unit, this.pdu);
    this.effects.push({ send });
    this.held = new Uint8Array(0);
    this.state = 'asked';
    this.untilMs = nowMs + (this.interview === null ? probeMsMax : answerMsMax);
  }

  private heard(data: Uint8Array | null): void {
    this.attempt = 0;
    const isFirst = this.interview === null;
    this.interview ??= interview(this.maps);
    const next = isFirst ? this.interview.next() : this.interview.next(data);
    if (!next.done) this.pdu = next.value;
    else this.outcome = { ...next.value, address: this.addressText() };
  }

  private missed(): void {
    this.attempt += 1;
    if (this.interview !== null) {
      if (this.attempt >= attemptsMax) this.heard(null);
      return;
    }
    if (this.attempt >= probes.length) {
      this.attempt = 0;
      this.unitIndex += 1;
    }
    this.pdu = probes[this.attempt]!;
    if (this.unitIndex >= this.units.length) this.outcome = 'nothing';
  }

  private addressText(): string {
    const { framing, unit } = this.address;
    return framing === 'tcp' ? `tcp:${unit}` : String(unit);
  }
}
