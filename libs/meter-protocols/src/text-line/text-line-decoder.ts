import type { Fault, FaultCode, Register, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import type { MeterDecoder } from '../meter-protocol.js';
import type { LinePattern } from './pattern.js';

export const lineBytesMax = 256;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** One line, one telegram; lines end with LF, CR or both. */
export class TextLineDecoder implements MeterDecoder {
  private readonly pattern: LinePattern;
  private readonly noise = new NoiseMeter('text-line');
  private readonly line = new Uint8Array(lineBytesMax);
  private length = 0;
  private offset = 0;
  private tooLong = false;
  /** The port may have been opened in the middle of a line. */
  private firstLine = true;

  constructor(pattern: LinePattern) {
    this.pattern = pattern;
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    for (const byte of bytes) {
      this.offset += 1;
      if (byte === lineFeed || byte === carriageReturn) this.endLine(results);
      else if (this.length < lineBytesMax) this.line[this.length++] = byte;
      else if (!this.tooLong) {
        this.tooLong = true;
        results.push(this.fault('oversize', `line of more than ${lineBytesMax} bytes`));
      }
    }
    return results;
  }

  /** The last line of a file often lacks its end. */
  end(): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    this.offset += 1;
    this.endLine(results);
    return [...results, ...this.noise.report()];
  }

  private endLine(results: (Telegram | Fault)[]): void {
    const { length, tooLong, firstLine } = this;
    const line = this.line.subarray(0, length);
    if (!tooLong && length > 0) {
      if (line.some((byte) => byte !== 0x09 && (byte < 0x20 || byte > 0x7e))) {
        results.push(...this.noise.skip(line, this.offset - 1 - length));
      } else {
        results.push(...this.noise.report(), this.read(String.fromCharCode(...line), firstLine));
      }
    }
    this.length = 0;
    this.tooLong = false;
    this.firstLine = false;
  }

  private read(line: string, firstLine: boolean): Telegram | Fault {
    const match = this.pattern.expression.exec(line);
    if (!match) return this.fault('malformed', `line does not match the pattern: "${short(line)}"`);
    if (firstLine && this.passesWhenCut(line)) {
      return this.fault('truncated', `first line may have lost its beginning: "${short(line)}"`);
    }
    const registers: Register[] = [];
    for (const { name, quantity, unit } of this.pattern.groups) {
      const text = match.groups?.[name]?.trim();
      if (text === undefined) continue;
      const value = Number(text);
      if (text === '' || !Number.isFinite(value)) {
        return this.fault('malformed', `${name} is no number: "${short(text)}"`);
      }
      registers.push({ label: quantity, value, ...(unit === '' ? {} : { unit }) });
    }
    if (registers.length === 0) {
      return this.fault('malformed', `no group matched in "${short(line)}"`);
    }
    return { protocol: 'text-line', meter: {}, at: null, registers, checked: false, warnings: [] };
  }

  /** Whether this line without its beginning would pass for a line: then it may be one itself. */
  private passesWhenCut(line: string): boolean {
    for (let cut = 1; cut < line.length; cut += 1) {
      if (line[cut - 1] !== ' ' && this.pattern.expression.test(line.slice(cut))) return true;
    }
    return false;
  }

  private fault(fault: FaultCode, detail: string): Fault {
    const offset = Math.max(0, this.offset - 1 - this.length);
    return { protocol: 'text-line', fault, offset, detail };
  }
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
