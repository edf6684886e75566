import { topics, type ServiceHealth, type ServiceRole } from '@wattbus/mqtt-contract';
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bus } from './bus.js';
import type { Counters } from './counters.js';
import { HTTP_LIMITS } from './http-limits.js';
import { isLoopback } from './loopback.js';
import { METRICS_TYPE, metricsText, processFigures } from './metrics.js';

const HEALTH_MS = 30_000;
/** How often a changed state is looked for. */
const CHANGE_MS = 1_000;
const CONNECTIONS_MAX = 20;
/** There are few places, and whoever asks is near. */
const LIMITS = { ...HTTP_LIMITS, headersTimeout: 2_000, requestTimeout: 2_000 };

export interface Identity {
  readonly service: ServiceRole;
  readonly instance: string;
  readonly version: string;
}

/** Unique among all that ask on the bus: names the topic on which a service gets its answers. */
export const consumerOf = ({ service, instance }: Pick<Identity, 'service' | 'instance'>): string =>
  `${service}-${instance}`;

/** Faults that last: while one is set, the service says that it is degraded, and why. */
export class Condition {
  readonly #reasons = new Map<string, string>();

  set(key: string, reason: string | null): void {
    if (reason === null) this.#reasons.delete(key);
    else this.#reasons.set(key, reason);
  }

  get reason(): string {
    return [...this.#reasons.values()].join('; ');
  }
}

/** The payload of the last will, which the broker publishes when the process is gone. */
export function lostHealth(identity: Identity, since: Date): ServiceHealth {
  const at = since.toISOString();
  return {
    v: 1,
    ...identity,
    at,
    since: at,
    state: 'lost',
    reason: 'the process ended without saying so',
    memoryBytes: 0,
    counters: {},
  };
}

export interface HealthHttp {
  readonly host: string;
  readonly port?: number | undefined;
  /** Asked for as a bearer token; without one only this machine may ask. */
  readonly password?: string | undefined;
}

/**
 * Says how the service is: retained on the bus, and over HTTP for the container's health check
 * (`/health`) and for Prometheus (`/metrics`).
 */
export class Health {
  readonly #identity: Identity;
  readonly #since: Date;
  readonly #bus: Bus;
  readonly #counters: Counters;
  readonly #condition: Condition;
  #timer: NodeJS.Timeout | null = null;
  #server: Server | null = null;
  #said = { text: '', atMs: 0 };
  #stopped = false;

  constructor(
    identity: Identity,
    since: Date,
    parts: { bus: Bus; counters: Counters; condition: Condition },
  ) {
    this.#identity = identity;
    this.#since = since;
    this.#bus = parts.bus;
    this.#counters = parts.counters;
    this.#condition = parts.condition;
  }

  /** Where HTTP is answered, with the port that was really taken. */
  get address(): AddressInfo | null {
    return (this.#server?.address() ?? null) as AddressInfo | null;
  }

  /** Rejects where the port cannot be opened, or would be open to everybody. */
  async start(http: HealthHttp): Promise<void> {
    if (http.port !== undefined && http.password === undefined && !isLoopback(http.host)) {
      throw new Error(
        `health.host ${http.host} is beyond this machine: set health.passwordFile, ` +
          'or leave health.host at 127.0.0.1',
      );
    }
    this.#bus.onConnect(() => this.#say(true));
    this.#timer = setInterval(() => this.#say(false), CHANGE_MS);
    if (http.port !== undefined) this.#server = await this.#listen(http, http.port);
  }

  /** The last words, before the bus is closed. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#say(true);
  }

  now(): ServiceHealth {
    const reason = this.#stopped ? '' : (this.#bus.refusal ?? this.#condition.reason);
    return {
      v: 1,
      ...this.#identity,
      at: new Date().toISOString(),
      since: this.#since.toISOString(),
      state: this.#stopped
        ? 'stopped'
        : !this.#bus.connected
          ? 'starting'
          : reason === ''
            ? 'ready'
            : 'degraded',
      reason,
      memoryBytes: process.memoryUsage.rss(),
      counters: this.#counters.all(),
    };
  }

  #say(always: boolean): void {
    if (!this.#bus.connected) return;
    const health = this.now();
    const text = `${health.state} ${health.reason}`;
    const nowMs = performance.now();
    if (!always && text === this.#said.text && nowMs - this.#said.atMs < HEALTH_MS) return;
    this.#said = { text, atMs: nowMs };
    const { service, instance } = this.#identity;
    this.#bus.publish(topics.serviceHealth, { service, instance }, health);
  }

  #listen({ host, password }: HealthHttp, port: number): Promise<Server> {
    const server = createServer(LIMITS, (request, response) => {
      if (password !== undefined && !bears(request, password)) {
        response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      } else {
        this.#answer(request, response);
      }
    });
    server.maxConnections = CONNECTIONS_MAX;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve(server));
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const health = this.now();
    if (request.url === '/health') {
      const ok = health.state === 'ready' || health.state === 'degraded';
      response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(health)}\n`);
    } else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': METRICS_TYPE });
      response.end(metricsText(health, this.#counters, processFigures()));
    } else {
      response.writeHead(404).end();
    }
  }
}

/** Compares hashes, which are of one length, so that time tells nothing. */
function bears(request: IncomingMessage, password: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const given = request.headers.authorization ?? '';
  return timingSafeEqual(digest(given), digest(`Bearer ${password}`));
}
