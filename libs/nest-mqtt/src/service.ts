import 'reflect-metadata';
import {
  Catch,
  Module,
  type DynamicModule,
  type ExceptionFilter,
  type INestMicroservice,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { topics, type ServiceRole } from '@wattbus/mqtt-contract';
import { describeFaults, loadConfig, secretOf, type WattbusConfig } from '@wattbus/service-config';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { throwError, type Observable } from 'rxjs';
import { Bus } from './bus.js';
import { ContractServer } from './contract-server.js';
import { Counters } from './counters.js';
import { Condition, Health, lostHealth, type Identity } from './health.js';
import { Log } from './log.js';
import { readCa } from './tls.js';

export const VERSION = '0.1.0';

/** What every provider of a service can ask for: `@Inject(SERVICE) service: ServiceContext`. */
export const SERVICE = Symbol('SERVICE');

export interface ServiceContext {
  readonly identity: Identity;
  readonly config: WattbusConfig;
  readonly bus: Bus;
  readonly log: Log;
  readonly counters: Counters;
  readonly condition: Condition;
}

/** A service as data: its role in the contract and its Nest module. */
export interface ServiceDefinition {
  readonly role: ServiceRole;
  readonly module: Type<unknown>;
}

export interface RunningService {
  readonly context: ServiceContext;
  /** Where `/health` and `/metrics` answer, if they do. */
  readonly healthPort: number | null;
  /** Providers by type or token, for what a service offers to the process that hosts it. */
  get<T>(token: Type<T> | symbol): T;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log?: Log;
}

@Module({})
class ContextModule {
  static with(context: ServiceContext): DynamicModule {
    return {
      module: ContextModule,
      global: true,
      providers: [{ provide: SERVICE, useValue: context }],
      exports: [SERVICE],
    };
  }
}

/** Nest would turn a handler's error into "Internal server error"; the log needs the real one. */
@Catch()
class KeepError implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Starts a service in this process; it goes on whether or not the broker is there yet. */
export async function startService(
  { role, module }: ServiceDefinition,
  config: WattbusConfig,
  options: StartOptions = {},
): Promise<RunningService> {
  const instance = config.instance ?? madeUpInstance();
  const identity: Identity = { service: role, instance, version: VERSION };
  const since = new Date();
  const log = options.log ?? new Log(role, config.logLevel);
  const counters = new Counters();
  const condition = new Condition();
  const bus = new Bus(
    {
      url: config.mqtt.url,
      root: config.mqtt.root,
      clientId: `wattbus-${role}-${instance}-${randomBytes(2).toString('hex')}`,
      username: config.mqtt.username,
      password: secretOf(config.mqtt),
      ca: config.mqtt.caFile && readCa('mqtt.caFile', config.mqtt.caFile),
      qosMax: config.mqtt.qosMax,
      will: {
        topic: topics.serviceHealth.topic(config.mqtt.root, { service: role, instance }),
        payload: JSON.stringify(lostHealth(identity, since)),
      },
    },
    log,
    counters,
  );
  const context: ServiceContext = { identity, config, bus, log, counters, condition };
  const health = new Health(identity, since, { bus, counters, condition });
  const root: DynamicModule = {
    module: class Root {},
    imports: [ContextModule.with(context), module],
  };
  const app = await NestFactory.createMicroservice(root, {
    strategy: new ContractServer(bus, log, counters, identity),
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new KeepError());
  try {
    await app.listen();
    await health.start({ ...config.health, password: secretOf(config.health) });
  } catch (error) {
    await stopAll(app, health, bus);
    throw error;
  }
  return {
    context,
    healthPort: health.address?.port ?? null,
    get: (token) => app.get(token, { strict: false }),
    stop: () => stopAll(app, health, bus),
  };
}

/** Providers flush in their own shutdown hooks; the service's last words follow. */
async function stopAll(app: INestMicroservice, health: Health, bus: Bus): Promise<void> {
  await app.close();
  health.stop();
  await bus.close();
}

/** A service as a process: configuration, start, signals. Faults of configuration exit with 2. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const loaded = loadConfig(values.config === undefined ? {} : { file: values.config });
  if (!loaded.ok) {
    console.error(describeFaults(loaded.faults));
    process.exit(2);
  }
  const service = await startService(definition, loaded.config).catch((error: unknown) => {
    console.error(`${definition.role}: cannot start: ${(error as Error).message}`);
    return process.exit(1);
  });
  stopOnSignal(() => service.stop());
}

/** First signal: stop in good order. A second one, or five seconds: at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(1), 5_000).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/** In a container the host name is the container's id, so replicas differ by themselves. */
function madeUpInstance(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, 24);
  return `h${host}-${randomBytes(3).toString('hex')}`;
}
