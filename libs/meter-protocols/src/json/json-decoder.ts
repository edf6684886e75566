import { Buffer } from 'node:buffer';
import {
  Instant,
  type Fault,
  type FaultCode,
  type Register,
  type Telegram,
} from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import type { MeterDecoder } from '../meter-protocol.js';
import type { JsonField } from './fields.js';

export const lineBytesMax = 8 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** One JSON object a line; lines end with LF, CR or both. */
export class JsonDecoder implements MeterDecoder {
  private readonly fields: readonly JsonField[];
  private readonly noise = new NoiseMeter('json');
  private readonly line = new Uint8Array(lineBytesMax);
  private length = 0;
  private offset = 0;
  private tooLong = false;
  /** The port may have been opened in the middle of a line. */
  private firstLine = true;

  constructor(fields: readonly JsonField[]) {
    this.fields = fields;
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
      if (line.some((byte) => byte < 0x20 && byte !== 0x09)) {
        results.push(...this.noise.skip(line, this.offset - 1 - length));
      } else results.push(...this.noise.report(), this.read(line, firstLine));
      this.firstLine = false;
    }
    this.length = 0;
    this.tooLong = false;
  }

  private read(line: Uint8Array, firstLine: boolean): Telegram | Fault {
    const text = Buffer.from(line).toString('utf8').trim();
    const content = parsed(text);
    if (content === null) {
      // Without its beginning a line is no object, so the first one cannot pass for another.
      const [code, what] = firstLine
        ? (['truncated', 'the first line may have lost its beginning'] as const)
        : (['malformed', 'the line is no JSON object'] as const);
      return this.fault(code, `${what}: ${short(text)}`);
    }
    const registers = this.fields.flatMap((field) => registerOf(content, field));
    if (registers.length === 0) {
      return this.fault('malformed', `no key is a quantity: ${short(text)}`);
    }
    const { id, at } = content as { readonly id?: unknown; readonly at?: unknown };
    const time = Instant.safeParse(at);
    return {
      protocol: 'json',
      meter: typeof id === 'string' || typeof id === 'number' ? { id: String(id) } : {},
      at: time.success ? time.data : null,
      registers,
      checked: false,
      warnings: [],
    };
  }

  private fault(fault: FaultCode, detail: string): Fault {
    const offset = Math.max(0, this.offset - 1 - this.length);
    return { protocol: 'json', fault, offset, detail };
  }
}

function parsed(text: string): object | null {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? content
      : null;
  } catch {
    return null;
  }
}

/** None where the key is missing or its value is no number; some devices send numbers as text. */
function registerOf(content: object, { path, quantity, unit }: JsonField): readonly Register[] {
  let value: unknown = content;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return [];
  return [{ label: quantity, value: number, ...(unit === '' ? {} : { unit }) }];
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
