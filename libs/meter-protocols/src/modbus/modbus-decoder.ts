import type { Fault, Telegram } from '@wattbus/energy-model';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import { BlockReader } from './block-reader.js';
import { unmappedRegisters, type Block } from './blocks.js';
import { exceptionText, readModbusAddress, type ModbusAddress, type Pdu } from './frames.js';
import { registerMapOf } from './register-maps.js';
import type { RegisterMap } from './register-map.js';
import { scanRtu } from './rtu.js';
import { LineScanner, type FrameScan, type LineEvent } from './scanner.js';
import { scanTcp } from './tcp.js';

/** Requests that wait for their reply; on a serial line one at most. */
const pendingMax = 16;
/** Requests that are known by what they ask for. */
const readersMax = 64;

/**
 * Listens to a line that another master polls: a request says which registers the reply after it
 * holds. With a register map only replies to known requests are telegrams; without one every reply
 * is, its words under their addresses.
 */
export class ModbusDecoder implements MeterDecoder {
  private readonly address: ModbusAddress | null;
  private readonly map: RegisterMap | null;
  private readonly scanner: LineScanner;
  private readonly pending = new Map<number, Block>();
  private readonly readers = new Map<string, BlockReader>();
  private readonly framing: Framing;
  private results: (Telegram | Fault)[] = [];

  constructor(options: DecoderOptions) {
    const address = options.address === undefined ? null : readModbusAddress(options.address);
    if (typeof address === 'string') throw new Error(`modbus: ${address}`);
    this.address = address;
    this.map = options.registerMap === undefined ? null : registerMapOf(options);
    this.framing = new Framing(address?.framing ?? null);
    this.scanner = new LineScanner(
      (held) => this.framing.scan(held),
      (event) => this.take(event),
    );
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    this.results = [];
    this.scanner.push(bytes);
    return this.results;
  }

  end(): readonly (Telegram | Fault)[] {
    this.results = [];
    this.scanner.abandon();
    return this.results;
  }

  private take(event: LineEvent): void {
    if (event.kind === 'fault') this.results.push(event.fault);
    else if (event.kind === 'frame') {
      const result = this.takeFrame(event);
      if (result !== null) this.results.push(result);
    } else if (this.framing.kind !== 'tcp') this.pending.clear();
  }

  private takeFrame(event: LineEvent & { readonly kind: 'frame' }): Telegram | Fault | null {
    const { pdu, unit, transaction, offset } = event;
    if (this.address !== null && this.address.unit !== unit) return null;
    const key = 256 * transaction + unit;
    if (pdu.kind === 'request') {
      if (this.pending.size === pendingMax) this.pending.clear();
      this.pending.set(key, pdu.block);
      return null;
    }
    const block = this.pending.get(key);
    this.pending.delete(key);
    const answer = this.answer(pdu, block ?? null);
    return 'fault' in answer
      ? { ...answer, offset, detail: `unit ${unit}: ${answer.detail}` }
      : answer;
  }

  private answer(
    pdu: Exclude<Pdu, { kind: 'request' }>,
    pending: Block | null,
  ): Telegram | Omit<Fault, 'offset'> {
    if (pdu.kind === 'exception') return unread(exceptionText(pdu.code));
    const fits = pending?.function === pdu.function && 2 * pending.words === pdu.data.length;
    const block = fits ? pending : null;
    if (this.map !== null && block === null) {
      return unread('a reply whose request was not seen cannot be told apart');
    }
    const registers =
      this.map === null || block === null
        ? unmappedRegisters(pdu.function, block, pdu.data)
        : this.readerOf(this.map, block).read(pdu.data);
    if (registers.length === 0) return unread('a reply with none of the registers of the map');
    return telegramOf(this.map, registers, this.framing.kind === 'rtu');
  }

  private readerOf(map: RegisterMap, block: Block): BlockReader {
    const key = `${block.function} ${block.start} ${block.words}`;
    const known = this.readers.get(key);
    if (known) return known;
    if (this.readers.size === readersMax) this.readers.clear();
    const reader = new BlockReader(map, block);
    this.readers.set(key, reader);
    return reader;
  }
}

/** The numbers of a meter; Modbus has no identification that all meters give. */
export function telegramOf(
  map: Pick<RegisterMap, 'manufacturer' | 'model'> | null,
  registers: Telegram['registers'],
  checked: boolean,
): Telegram {
  const meter = map === null ? {} : { manufacturer: map.manufacturer, model: map.model };
  return { protocol: 'modbus', meter, at: null, registers, checked, warnings: [] };
}

const unread = (detail: string): Omit<Fault, 'offset'> => ({
  protocol: 'modbus',
  fault: 'unsupported',
  detail,
});

/** Serial frames or Modbus TCP; where nobody says, what the stream begins with. */
class Framing {
  constructor(private configured: ModbusAddress['framing'] | null) {}

  get kind(): ModbusAddress['framing'] {
    return this.configured ?? 'rtu';
  }

  scan(held: Uint8Array): FrameScan {
    if (this.configured !== null) return this.configured === 'tcp' ? scanTcp(held) : scanRtu(held);
    const serial = scanRtu(held);
    const tcp = serial.kind === 'frame' ? serial : scanTcp(held);
    if (tcp.kind === 'frame') {
      this.configured = serial.kind === 'frame' ? 'rtu' : 'tcp';
      return tcp;
    }
    return tcp.kind === 'incomplete' ? tcp : serial;
  }
}
