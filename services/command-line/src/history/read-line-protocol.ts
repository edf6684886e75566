import { quantities, type Medium, type QuantityName } from '@wattbus/energy-model';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  factorOf,
  HISTORY_FAULTS_MAX,
  HISTORY_ROWS_MAX,
  unitOf,
  type HistoryFault,
  type HistoryRow,
  type Target,
  type Values,
} from './history.js';
import { readProtocolLine, type ProtocolLine } from './line-protocol.js';
import type { ReadHistory } from './read-table.js';

export interface ProtocolOptions {
  /** The meter whose readings are taken from a store of Wattbus. */
  readonly meter: string;
  readonly unit?: string | undefined;
  /** `measurement[,tag=value…][.field]`, and what it holds. */
  readonly columns: ReadonlyMap<string, Target>;
}

/** Whether a first line is one of line protocol, with its timestamp. */
export function looksLikeLineProtocol(line: string): boolean {
  const read = readProtocolLine(line.trimEnd());
  return !('fault' in read) && read.timestamp !== null;
}

/** Reads a dump of InfluxDB, as `influx_inspect export -lponly` writes it. */
export async function readLineProtocol(
  path: string,
  options: ProtocolOptions,
): Promise<ReadHistory> {
  const selectors = selectorsOf(options);
  const reader = new ProtocolReader(options, selectors);
  const source = createReadStream(path);
  try {
    for await (const line of createInterface({ input: source, crlfDelay: Infinity })) {
      if (!reader.take(line)) break;
    }
  } finally {
    source.destroy();
  }
  return reader.end();
}

interface Selector {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly target: Target;
  readonly factor: number;
}

function selectorsOf({ columns, unit = 'kWh' }: ProtocolOptions): readonly Selector[] {
  return [...columns].map(([text, target]) => {
    const match = /^(?<key>.*?)(?:\.(?<field>[A-Za-z_]\w*))?$/.exec(text)!;
    const [measurement = '', ...tags] = match.groups!['key']!.split(',');
    return {
      measurement,
      tags: Object.fromEntries(tags.map((tag) => tag.split('=') as [string, string])),
      field: match.groups!['field'] ?? 'value',
      target,
      factor: factorOf(target, unit) ?? 1,
    };
  });
}

class ProtocolReader {
  readonly #options: ProtocolOptions;
  readonly #selectors: readonly Selector[];
  readonly #faults: HistoryFault[] = [];
  readonly #rows: HistoryRow[] = [];
  readonly #seen = new Set<string>();
  #medium: Medium = 'electricity';
  #line = 0;

  constructor(options: ProtocolOptions, selectors: readonly Selector[]) {
    this.#options = options;
    this.#selectors = selectors;
  }

  /** False once there are faults enough. */
  take(text: string): boolean {
    this.#line += 1;
    // `influx_inspect export` writes statements and comments before the points.
    if (text.trim() === '' || /^(#|CREATE DATABASE )/.test(text)) return true;
    const read = readProtocolLine(text);
    if ('fault' in read) this.#fault(read.column, read.fault);
    else this.#takeLine(read, text);
    return this.#faults.length < HISTORY_FAULTS_MAX && this.#rows.length <= HISTORY_ROWS_MAX;
  }

  end(): ReadHistory {
    if (this.#rows.length > HISTORY_ROWS_MAX) {
      this.#fault(1, `more than ${HISTORY_ROWS_MAX} readings: split the file`);
    }
    if (this.#rows.length === 0 && this.#faults.length === 0) this.#fault(1, this.#nothing());
    if (this.#faults.length > 0) return { ok: false, faults: this.#faults };
    const suffix = '';
    const parts = [{ suffix, medium: this.#medium, rows: this.#rows }];
    const read = { format: 'line-protocol', timeAt: 'start', registersAtEnd: false } as const;
    return { ok: true, history: { ...read, parts } };
  }

  #nothing(): string {
    const seen = [...this.#seen].join(', ');
    return `say what the series hold by --column MEASUREMENT,TAG=VALUE.FIELD=QUANTITY; there are ${seen}`;
  }

  #takeLine(line: ProtocolLine, text: string): void {
    const values = this.#selectors.length > 0 ? this.#selected(line) : this.#ownReading(line);
    if (!values) {
      const tags = Object.entries(line.tags).map(([name, value]) => `,${name}=${value}`);
      const key = `${line.measurement}${tags.join('')}.${Object.keys(line.fields)[0]}`;
      if (this.#seen.size < HISTORY_FAULTS_MAX) this.#seen.add(key);
      return;
    }
    if (line.timestamp === null) return this.#fault(text.length, 'no timestamp');
    this.#rows.push({ line: this.#line, atMs: msOf(line.timestamp), values });
  }

  #selected({ measurement, tags, fields }: ProtocolLine): Values | null {
    const values: Values = {};
    for (const selector of this.#selectors) {
      const value = fields[selector.field];
      const isIt =
        selector.measurement === measurement &&
        Object.entries(selector.tags).every(([name, wanted]) => tags[name] === wanted);
      if (!isIt || typeof value !== 'number') continue;
      values[selector.target] = Math.round(value * 1e6 * selector.factor);
      if (unitOf(selector.target) === 'L') this.#medium = 'gas';
    }
    return Object.keys(values).length > 0 ? values : null;
  }

  /** A reading as Wattbus itself stores it. */
  #ownReading({ measurement, tags, fields }: ProtocolLine): Values | null {
    if (measurement !== 'reading' || tags['meter'] !== this.#options.meter) return null;
    this.#medium = (tags['medium'] as Medium | undefined) ?? 'electricity';
    const values: Values = {};
    for (const [name, value] of Object.entries(fields)) {
      if (!(name in quantities) || typeof value !== 'number') continue;
      values[name as QuantityName] = Math.round(value * 1e6);
    }
    return Object.keys(values).length > 0 ? values : null;
  }

  #fault(column: number, message: string): void {
    this.#faults.push({ line: this.#line, column, message });
  }
}

/** Seconds, milliseconds, microseconds and nanoseconds since 1970 differ by three digits each. */
function msOf(timestamp: bigint): number {
  const size = timestamp < 0n ? -timestamp : timestamp;
  if (size < 100_000_000_000n) return Number(timestamp) * 1_000;
  if (size < 100_000_000_000_000n) return Number(timestamp);
  if (size < 100_000_000_000_000_000n) return Number(timestamp / 1_000n);
  return Number(timestamp / 1_000_000n);
}
