import type { z } from 'zod';

/** Services of the system, then the roles that people's and devices' accounts have. */
export const serviceRoles = [
  'broker',
  'meter-ingest',
  'analyzer',
  'controller',
  'historian',
  'dashboard',
  'meter-simulator',
  'price-feed',
] as const;
export const userRoles = ['viewer', 'operator', 'admin', 'device'] as const;
/** The user roles that may look at everything. */
export const people = ['viewer', 'operator', 'admin'] as const;
export const accountRoles = [...serviceRoles, ...userRoles] as const;
export type ServiceRole = (typeof serviceRoles)[number];
export type AccountRole = (typeof accountRoles)[number];

/** One row of the contract. `path` is relative to the root unless `absolute`. */
export interface TopicRow<Payload extends z.ZodType = z.ZodType> {
  /** Levels in braces are parameters: `meter/{meter}/reading`. */
  readonly path: string;
  /** True for topics of other programs (Tasmota …), which do not lie under the root. */
  readonly absolute?: boolean;
  readonly about: string;
  /** `text` is the bare UTF-8 payload as a string; all else is JSON. */
  readonly encoding: 'json' | 'text';
  readonly payload: Payload;
  readonly qos: 0 | 1;
  /**
   * At most so much services ask for: who misses one asks the journal for it, or hears the next one
   * or what is retained. A broker then leaves out what a busy service cannot take, and need not cut
   * the service off.
   */
  readonly subscribeQos?: 0;
  readonly retain: boolean;
  readonly publishedBy: readonly AccountRole[];
  readonly subscribedBy: readonly AccountRole[];
  /** Values that a parameter may have; others do not match the row. */
  readonly values?: Readonly<Record<string, ReadonlySet<string>>>;
  readonly sample: z.input<Payload>;
}

export type Params = Readonly<Record<string, string>>;

/** A row that can make and recognise concrete topics. */
export class Topic<Payload = unknown> {
  readonly row: TopicRow<z.ZodType<Payload, Payload>>;
  readonly paramNames: readonly string[];
  readonly #levels: readonly string[];
  /** For the root that was asked for last; services have one only. */
  #rooted: { readonly root: string; readonly levels: readonly string[] } | null = null;

  constructor(row: TopicRow<z.ZodType<Payload, Payload>>) {
    this.row = row;
    this.#levels = row.path.split('/');
    this.paramNames = this.#levels.filter(isParam).map(paramName);
  }

  /** The concrete topic; throws where a parameter is missing or is not one topic level. */
  topic(root: string, params: Params = {}): string {
    return this.#join(root, (name) => {
      const value = params[name];
      if (value === undefined || value === '' || /[/+#\0]/.test(value)) {
        throw new Error(`${this.row.path}: parameter ${name} is no topic level: ${String(value)}`);
      }
      return value;
    });
  }

  /** The MQTT filter; parameters not given become `+`. */
  filter(root: string, params: Params = {}): string {
    return this.#join(root, (name) => params[name] ?? '+');
  }

  /** The parameters of a concrete topic, or null where the topic is none of this row. */
  match(root: string, topic: string): Params | null {
    const levels = topic.split('/');
    const own = this.#withRoot(root);
    if (levels.length !== own.length) return null;
    const params: Record<string, string> = {};
    for (const [i, level] of own.entries()) {
      const actual = levels[i]!;
      if (!isParam(level)) {
        if (level !== actual) return null;
        continue;
      }
      const name = paramName(level);
      if (actual === '' || this.row.values?.[name]?.has(actual) === false) return null;
      params[name] = actual;
    }
    return params;
  }

  /** The levels of the row under a root; parameters are in braces. */
  #withRoot(root: string): readonly string[] {
    if (this.row.absolute) return this.#levels;
    if (this.#rooted?.root !== root) {
      this.#rooted = { root, levels: [...root.split('/'), ...this.#levels] };
    }
    return this.#rooted!.levels;
  }

  #join(root: string, value: (name: string) => string): string {
    return this.#withRoot(root)
      .map((level) => (isParam(level) ? value(paramName(level)) : level))
      .join('/');
  }
}

const isParam = (level: string): boolean => level.startsWith('{');
const paramName = (level: string): string => level.slice(1, -1);

/** Makes a topic with the payload's type taken from its schema. */
export function topic<Schema extends z.ZodType>(row: TopicRow<Schema>): Topic<z.output<Schema>> {
  type Payload = z.output<Schema>;
  return new Topic(row as unknown as TopicRow<z.ZodType<Payload, Payload>>);
}
