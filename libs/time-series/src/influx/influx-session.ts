import { FieldType as InfluxType, InfluxDB } from 'influx';
import { measurementNames, measurements, type FieldType } from '../points.js';

export interface InfluxSessionOptions {
  /** `http://host:8086` or `https://…`; a path for a reverse proxy is kept. */
  readonly url: string;
  readonly database: string;
  readonly username?: string;
  readonly password?: string;
  /** No call waits longer than this, whatever the server does. */
  readonly timeoutMs: number;
}

/**
 * `refused`: the server understood and will say the same again. `unavailable`: it may answer
 * later. `missing`: the database is not there.
 */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault; readonly reason: string };
export type Fault = 'refused' | 'unavailable' | 'missing';

const types: Record<FieldType, InfluxType> = {
  integer: InfluxType.INTEGER,
  float: InfluxType.FLOAT,
  string: InfluxType.STRING,
  boolean: InfluxType.BOOLEAN,
};

/** Where consumers' cursors are kept, one point a meter at time 0. */
export const CURSOR_MEASUREMENT = 'cursor';
/** The version of what is written, in a point of its own at time 0. */
export const SCHEMA_MEASUREMENT = 'wattbus';

/**
 * The client would take an unreachable host out of its pool for up to 10 s and refuse calls
 * unasked in that time. We have one host and pace retries ourselves, so it is never taken out.
 */
const neverDisabled = {
  getDelay: () => 0,
  next: () => neverDisabled,
  reset: () => neverDisabled,
};

export function connect(options: InfluxSessionOptions): InfluxDB {
  const url = new URL(options.url);
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  return new InfluxDB({
    host: url.hostname,
    port: Number(url.port || (protocol === 'https' ? 443 : 80)),
    protocol,
    path: url.pathname === '/' ? '' : url.pathname,
    database: options.database,
    // Without a name the client would sign in as root/root.
    username: options.username ?? '',
    password: options.password ?? '',
    pool: { maxRetries: 0, requestTimeout: options.timeoutMs, backoff: neverDisabled },
    schema: [
      ...measurementNames.map((name) => ({
        measurement: name,
        tags: [...measurements[name].tags],
        fields: Object.fromEntries(
          Object.entries(measurements[name].fields).map(([field, type]) => [field, types[type]]),
        ),
      })),
      {
        measurement: CURSOR_MEASUREMENT,
        tags: ['meter'],
        fields: { epoch: InfluxType.STRING, seq: InfluxType.INTEGER },
      },
      { measurement: SCHEMA_MEASUREMENT, tags: [], fields: { version: InfluxType.INTEGER } },
    ],
  });
}

/**
 * Awaits a call of the client and makes a value of its failure. The client's promise never
 * settles where the server dies between the headers and the end of an answer, hence a timer of
 * our own round every call.
 */
export async function answerOf<Value>(
  call: Promise<Value>,
  timeoutMs: number,
): Promise<Answer<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<Value>>((resolve) => {
    const fault = unavailable(`no answer within ${timeoutMs} ms`);
    timer = setTimeout(() => resolve(fault), timeoutMs);
  });
  const settled = call.then(
    (value): Answer<Value> => ({ ok: true, value }),
    (error: unknown): Answer<Value> => faultOf(error),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

const unavailable = (reason: string) => ({ ok: false, fault: 'unavailable', reason }) as const;

/** Statuses that are about the points; any other (401, 403, 429, 5xx …) is about the server. */
const pointStatuses: ReadonlySet<number> = new Set([400, 413, 422]);

function faultOf(error: unknown): Answer<never> {
  const reason = reasonOf(error);
  const status = (error as { res?: { statusCode?: number } }).res?.statusCode;
  if (/database not found/.test(reason)) return { ok: false, fault: 'missing', reason };
  if (status !== undefined && pointStatuses.has(status)) {
    return { ok: false, fault: 'refused', reason };
  }
  return unavailable(reason);
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || String(error)).trim().slice(0, REASON_CHARACTERS_MAX);
}

const REASON_CHARACTERS_MAX = 400;
