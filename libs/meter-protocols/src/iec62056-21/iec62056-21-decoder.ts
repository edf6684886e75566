import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import { skippedLineWarning } from '../framing/skipped-line.js';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import { readIdentification } from './identification.js';
import { MessageScanner, textOf, type Found, type MessageBounds } from './message-scanner.js';
import { ReadOutReader } from './read-out.js';

/** A read-out has up to some 10 KiB; longer load profiles come in several messages. */
export const messageBytesMax = 32 * 1024;

const protocol = 'iec62056-21';
const wrongCheck = 'the block check character is wrong';
const lostCheck = 'the block check character is missing';
const withoutIdentification = `${skippedLineWarning}the identification is missing`;

type Results = (Telegram | Fault)[];

/**
 * IEC 62056-21: data messages of modes A to D, answered or pushed, and replies of the programming
 * mode. Requests, acknowledgements and their echoes are passed over.
 */
export class Iec62056Decoder implements MeterDecoder {
  private readonly readOuts: ReadOutReader;
  private readonly lenient: boolean;
  private readonly buffer = new ReceiveBuffer(messageBytesMax);
  private readonly noise = new NoiseMeter(protocol);
  private readonly scanner: MessageScanner;
  private identification: string | null = null;
  private meter: Telegram['meter'] = {};

  constructor(options: DecoderOptions) {
    this.readOuts = new ReadOutReader(options.standardOffsetMinutes);
    this.lenient = options.lenient ?? false;
    this.scanner = new MessageScanner({ lenient: this.lenient, bytesMax: messageBytesMax });
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: Results = [];
    let taken = 0;
    while (taken < bytes.length) {
      taken += this.buffer.append(bytes, taken);
      while (this.buffer.length > 0 && this.advance(results));
    }
    return results;
  }

  /** The stream is over: a message that only lacks its block check is as whole as it will be. */
  end(): readonly (Telegram | Fault)[] {
    const results: Results = [];
    const held = this.buffer.view();
    if (held.length > 0) this.take(held, this.scanner.atEnd(held), results);
    this.scanner.leave();
    this.buffer.discard(this.buffer.length);
    results.push(...this.noise.report());
    return results;
  }

  /** Takes one step; false when more bytes are needed. */
  private advance(results: Results): boolean {
    const held = this.buffer.view();
    const found = this.scanner.scan(held, this.buffer.offset === 0);
    if (found === 'more') return false;
    this.take(held, found, results);
    this.buffer.discard(found.next);
    return true;
  }

  private take(held: Uint8Array, found: Found, results: Results): void {
    switch (found.kind) {
      case 'noise':
        results.push(...this.noise.skip(held.subarray(0, found.next), this.buffer.offset));
        return;
      case 'unanswered':
        return;
      case 'truncated':
        results.push(this.fault('truncated', 'a message was cut off'));
        return;
      case 'oversize':
        results.push(this.fault('oversize', `no end of message within ${messageBytesMax} bytes`));
        return;
      case 'message':
        results.push(...this.noise.report(), this.judge(held, found));
    }
  }

  private judge(held: Uint8Array, message: MessageBounds): Telegram | Fault {
    const { check, identification } = message;
    if (check === 'wrong' && !this.lenient) return this.fault('checksum', wrongCheck);
    const text = textOf(held, message.start, message.end);
    const readOut = this.readOuts.read(text);
    const checked = check === 'right';
    if (readOut.registers.length === 0) return this.withoutValues(text, checked);
    const warnings = [...readOut.warnings];
    if (check === 'wrong') warnings.push(wrongCheck);
    if (check === 'lost') warnings.push(lostCheck);
    if (identification === null && !checked) warnings.push(withoutIdentification);
    const meter = this.meterOf(identification);
    return {
      protocol,
      meter: { ...(readOut.id === undefined ? {} : { id: readOut.id }), ...meter },
      at: readOut.at,
      registers: readOut.registers,
      checked,
      warnings,
    };
  }

  /** A line has one meter, so that its identification is read once. */
  private meterOf(identification: string | null): Telegram['meter'] {
    if (identification !== this.identification) {
      this.identification = identification;
      this.meter = readIdentification(identification ?? '')?.meter ?? {};
    }
    return this.meter;
  }

  private withoutValues(text: string, checked: boolean): Fault {
    const answer = text.trim().slice(0, 40);
    // An error message is a text in parentheses without a code (§6.3.14 item 23).
    if (checked && answer.startsWith('(')) {
      return this.fault('unsupported', `the meter answers ${answer}`);
    }
    return this.fault('malformed', 'no data line can be read');
  }

  private fault(fault: FaultCode, detail: string): Fault {
    return { protocol, fault, offset: this.buffer.offset, detail };
  }
}
