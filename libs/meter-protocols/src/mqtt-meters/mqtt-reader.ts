import { Buffer } from 'node:buffer';
import type { Fault, FaultCode, Register, Telegram } from '@wattbus/energy-model';
import { namedQuantity } from '../framing/named-quantity.js';
import { flatten, numberIn, type Leaf } from './flatten.js';
import type { MqttMeterKind, MqttRow, MqttTopic } from './mqtt-meter.js';

export interface MqttMeterOptions {
  /** The device's name in its topics. */
  readonly device: string;
  /** Of a device that measures several circuits; 0 if left out. */
  readonly channel?: number;
  /** Further keys, or other meanings of known ones: `{ power_consumed: 'powerkW' }`. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export const payloadBytesMax = 64 * 1024;

/**
 * Reads what one device publishes. Devices spread their values over messages and leave out what has
 * not changed, so the last value of each key is kept; a telegram states the quantities that a
 * message bears on.
 */
export class MqttMeterReader {
  /** To subscribe to. */
  readonly filters: readonly string[];
  private readonly kind: MqttMeterKind;
  private readonly topics: readonly {
    readonly levels: readonly string[];
    readonly topic: MqttTopic;
  }[];
  private readonly rows: readonly MqttRow[];
  private readonly values = new Map<string, number>();
  private readonly producing = new Set<string>();
  private readonly keys: ReadonlySet<string>;
  private id: string | undefined;
  private model: string | undefined;

  /** Throws on fields that `mqttFieldFaults` names: configuration is checked before. */
  constructor(kind: MqttMeterKind, options: MqttMeterOptions) {
    this.kind = kind;
    this.topics = kind.topics.map((topic) => ({
      topic,
      levels: topic.filter.replace('{device}', options.device).split('/'),
    }));
    this.filters = this.topics.map(({ levels }) => levels.join('/'));
    this.rows = [...rowsOfFields(options.fields ?? {}), ...kind.rows.map(inChannel(options))];
    this.keys = new Set(this.rows.flatMap(({ plus, minus = [] }) => [...plus, ...minus]));
  }

  /** Null for messages of others and for those that say nothing about quantities. */
  read({ topic, payload }: MqttMessage): Telegram | Fault | null {
    const place = this.placeOf(topic);
    if (place === null) return null;
    if (payload.length > payloadBytesMax) {
      return this.fault('oversize', `${topic}: a payload of ${payload.length} bytes`);
    }
    const text = Buffer.from(payload).toString('utf8');
    const content = place.topic.payload === 'number' ? numberIn(text) : parsed(text);
    if (content === null) {
      // Devices announce "unavailable" and the like where a number is due.
      if (place.topic.payload === 'number') return null;
      return this.fault('malformed', `${topic}: no JSON object: ${text.slice(0, 60)}`);
    }
    const part = place.topic.root === undefined ? content : partOf(content, place.topic.root);
    const changed = this.keep(flatten(part), place.prefix);
    const registers = [...this.registersFrom(changed), ...(this.kind.channels?.(part) ?? [])];
    return registers.length === 0 ? null : this.telegram(registers);
  }

  private placeOf(topic: string): { readonly topic: MqttTopic; readonly prefix: string } | null {
    const levels = topic.split('/');
    for (const { levels: filter, topic: place } of this.topics) {
      if (filter.length !== levels.length) continue;
      if (!filter.every((level, index) => level === '+' || level === levels[index])) continue;
      const prefix = levels.filter((_, index) => filter[index] === '+').join('/');
      return { topic: place, prefix };
    }
    return null;
  }

  private keep(leaves: ReadonlyMap<string, Leaf>, prefix: string): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const [path, leaf] of leaves) {
      const key = [prefix, path].filter((part) => part !== '').join('.');
      if (key === this.kind.idKey) this.id = String(leaf);
      if (key === this.kind.modelKey) this.model = String(leaf);
      if (typeof leaf !== 'number') continue;
      for (const name of this.kind.hasOwnSections ? [key, inAnySection(key)] : [key]) {
        if (!this.keys.has(name)) continue;
        this.values.set(name, leaf);
        changed.add(name);
      }
    }
    for (const [key, flow] of Object.entries(this.kind.directions ?? {})) {
      const direction = leaves.get(flow);
      if (direction === undefined) continue;
      if (direction === 'producing') this.producing.add(key);
      else this.producing.delete(key);
    }
    return changed;
  }

  private registersFrom(changed: ReadonlySet<string>): readonly Register[] {
    const registers = new Map<string, Register>();
    for (const { quantity, unit, plus, minus = [] } of this.rows) {
      const keys = [...plus, ...minus];
      const applies =
        !registers.has(quantity) &&
        keys.some((key) => changed.has(key)) &&
        keys.every((key) => this.values.has(key));
      if (!applies) continue;
      const value = this.sum(plus) - this.sum(minus);
      registers.set(quantity, {
        label: quantity,
        value,
        ...(unit === undefined ? {} : { unit }),
      });
    }
    return [...registers.values()];
  }

  private sum(keys: readonly string[]): number {
    return keys.reduce((sum, key) => {
      const value = this.values.get(key)!;
      return sum + (this.producing.has(key) ? -Math.abs(value) : value);
    }, 0);
  }

  private telegram(registers: readonly Register[]): Telegram {
    const { id, model } = this;
    const { name, manufacturer } = this.kind;
    return {
      protocol: name,
      meter: {
        ...(id === undefined ? {} : { id }),
        ...(manufacturer === undefined ? {} : { manufacturer }),
        ...(model === undefined ? {} : { model }),
      },
      at: null,
      registers,
      checked: false,
      warnings: [],
    };
  }

  private fault(fault: FaultCode, detail: string): Fault {
    return { protocol: this.kind.name, fault, offset: 0, detail };
  }
}

/** What is wrong with a table of fields; empty where nothing is. */
export const mqttFieldFaults = (fields: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(fields).flatMap(([key, name]) =>
    namedQuantity(name) === null ? [`${key}: no quantity is called ${name}`] : [],
  );

function rowsOfFields(fields: Readonly<Record<string, string>>): readonly MqttRow[] {
  return Object.entries(fields).map(([key, name]) => {
    const named = namedQuantity(name);
    if (named === null) throw new Error(`${key}: no quantity is called ${name}`);
    const { quantity, unit } = named;
    return { quantity, plus: [key], ...(unit === '' ? {} : { unit }) };
  });
}

/** A section may have an empty name, which leaves no dot. */
const inAnySection = (key: string): string => `*.${key.slice(key.indexOf('.') + 1)}`;

const inChannel =
  ({ channel = 0 }: MqttMeterOptions) =>
  (one: MqttRow): MqttRow => {
    const named = (key: string): string => key.replace('{channel}', String(channel));
    return {
      ...one,
      plus: one.plus.map(named),
      ...(one.minus === undefined ? {} : { minus: one.minus.map(named) }),
    };
  };

function parsed(text: string): object | null {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : null;
  } catch {
    return null;
  }
}

const partOf = (content: number | object, key: string): unknown =>
  typeof content === 'object' && Object.hasOwn(content, key)
    ? (content as Readonly<Record<string, unknown>>)[key]
    : undefined;
