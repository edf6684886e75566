import type { Fault, Register, Telegram } from '@wattbus/energy-model';
import type {
  Conversation,
  ConversationInput,
  ConversationOutput,
  DecoderOptions,
} from '../meter-protocol.js';
import { BlockReader } from './block-reader.js';
import { blocksOf, type Block } from './blocks.js';
import {
  exceptionText,
  isPassing,
  readModbusAddress,
  requestPdu,
  rtuFrame,
  tcpFrame,
  type ModbusAddress,
  type Pdu,
} from './frames.js';
import { telegramOf } from './modbus-decoder.js';
import { registerMapOf } from './register-maps.js';
import type { RegisterMap } from './register-map.js';
import { scanRtu } from './rtu.js';
import { LineScanner, type LineEvent } from './scanner.js';
import { scanTcp } from './tcp.js';

/** From the first request of a reading to that of the next one. */
export const readIntervalMs = 1_000;
/** Meters answer within some 200 ms; gateways and a reply of 250 bytes at 2400 baud take longer. */
export const replyMsMax = 1_500;
/** Modbus over serial line, §2.5.1.1: 3.5 characters of silence, 16 ms at 2400 baud. */
export const pauseMs = 20;
/** A reply that comes too late must not be taken for the next one: serial frames have no number. */
const silenceMs = 500;
const attemptsMax = 3;
export const retryMs = 60_000;

type Effects = ConversationOutput['effects'][number][];

type Step = 'rest' | 'pause' | 'asked' | 'silence';

/**
 * Reads all registers of a map, block by block, and makes one telegram of them. A block that the
 * meter refuses is left out; one that it does not answer is a fault of the whole reading.
 *
 * Throws on an address or a map that does not exist: configuration is checked before.
 */
export class ModbusConversation implements Conversation {
  private readonly address: ModbusAddress;
  private readonly map: RegisterMap;
  private readonly blocks: readonly Block[];
  private readonly readers: readonly BlockReader[];
  private readonly scanner: LineScanner;
  private readonly refused = new Set<Block>();
  private state: Step = 'rest';
  /** When the present step is over, whatever comes. */
  private untilMs = 0;
  private nowMs = 0;
  private startedMs = 0;
  private attempt = 0;
  private transaction = 0;
  private blockIndex = 0;
  private registers: Register[] = [];
  private results: (Telegram | Fault)[] = [];
  private effects: Effects = [];

  constructor(options: DecoderOptions) {
    const address = readModbusAddress(options.address);
    if (typeof address === 'string') throw new Error(`modbus: ${address}`);
    this.address = address;
    this.map = registerMapOf(options);
    this.blocks = blocksOf(this.map);
    this.readers = this.blocks.map((block) => new BlockReader(this.map, block));
    this.scanner = new LineScanner(address.framing === 'tcp' ? scanTcp : scanRtu, (event) =>
      this.receive(event),
    );
  }

  step({ nowMs, bytes }: ConversationInput): ConversationOutput {
    this.results = [];
    this.effects = [];
    this.nowMs = nowMs;
    this.scanner.push(bytes);
    if (bytes.length > 0 && this.state === 'silence') this.untilMs = nowMs + silenceMs;
    while (nowMs >= this.untilMs) this.expire(nowMs);
    return {
      results: this.results,
      effects: this.effects,
      wakeAtMs: this.untilMs,
      resting: this.state === 'rest',
    };
  }

  private receive(event: LineEvent): void {
    if (event.kind === 'fault') this.results.push(event.fault);
    if (event.kind !== 'frame' || this.state !== 'asked' || event.unit !== this.address.unit)
      return;
    if (this.address.framing === 'tcp' && event.transaction !== this.transaction) return;
    this.takePdu(event.pdu, this.nowMs);
  }

  private takePdu(pdu: Pdu, nowMs: number): void {
    const block = this.blocks[this.blockIndex]!;
    if (pdu.kind === 'request' || pdu.function !== block.function) return;
    if (pdu.kind === 'reply') {
      if (pdu.data.length !== 2 * block.words) return;
      this.registers.push(...this.readers[this.blockIndex]!.read(pdu.data));
      this.next(nowMs);
    } else if (isPassing(pdu.code)) this.enter('silence', nowMs + silenceMs);
    else this.refuse(block, pdu.code, nowMs);
  }

  private refuse(block: Block, code: number, nowMs: number): void {
    this.refused.add(block);
    const place = `${block.words} registers from ${block.start} on`;
    this.report('unsupported', `${this.name()} refuses ${place}: ${exceptionText(code)}`);
    this.next(nowMs);
  }

  private expire(nowMs: number): void {
    if (this.state === 'rest') this.begin(nowMs);
    else if (this.state === 'pause') this.ask(nowMs);
    else if (this.state === 'asked') this.enter('silence', nowMs + silenceMs);
    else {
      this.scanner.abandon();
      if (this.attempt < attemptsMax) this.ask(nowMs);
      else this.fail(nowMs);
    }
  }

  private begin(nowMs: number): void {
    this.startedMs = nowMs;
    this.registers = [];
    this.blockIndex = -1;
    this.next(nowMs);
    if (this.state === 'pause') this.ask(nowMs);
  }

  /** Turns to the next block that the meter does not refuse, or ends the reading. */
  private next(nowMs: number): void {
    this.attempt = 0;
    this.blockIndex = this.blocks.findIndex(
      (block, index) => index > this.blockIndex && !this.refused.has(block),
    );
    if (this.blockIndex >= 0) this.enter('pause', nowMs + pauseMs);
    else this.finish(nowMs);
  }

  private ask(nowMs: number): void {
    this.attempt += 1;
    const { unit, framing } = this.address;
    const pdu = requestPdu(this.blocks[this.blockIndex]!);
    this.transaction = (this.transaction + 1) & 0xffff;
    const frame = framing === 'tcp' ? tcpFrame(this.transaction, unit, pdu) : rtuFrame(unit, pdu);
    this.effects.push({ send: frame });
    this.enter('asked', nowMs + replyMsMax);
  }

  private finish(nowMs: number): void {
    if (this.registers.length === 0) {
      this.report('unsupported', `${this.name()} states none of the registers of ${this.map.name}`);
      this.refused.clear();
      this.enter('rest', nowMs + retryMs);
      return;
    }
    this.results.push(telegramOf(this.map, this.registers, this.address.framing === 'rtu'));
    this.enter('rest', Math.max(this.startedMs + readIntervalMs, nowMs + pauseMs));
  }

  private fail(nowMs: number): void {
    const detail = `${this.name()} does not answer; check address, baud rate and the wires A and B`;
    this.report('truncated', detail);
    this.enter('rest', nowMs + retryMs);
  }

  private enter(state: Step, untilMs: number): void {
    this.state = state;
    this.untilMs = untilMs;
  }

  private report(fault: Fault['fault'], detail: string): void {
    this.results.push({ protocol: 'modbus', fault, offset: 0, detail });
  }

  private name(): string {
    return `unit ${this.address.unit}`;
  }
}
