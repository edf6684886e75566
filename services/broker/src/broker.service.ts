import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { accessRules, deviceRights, topics } from '@wattbus/mqtt-contract';
import { isLoopback, readTlsIdentity, SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { WattbusConfig } from '@wattbus/service-config';
import { join } from 'node:path';
import { EmbeddedBroker } from './embedded-broker.js';
import type { Listener, OpenListener } from './listeners.js';
import { diskFiles } from './retained/retained-files.js';
import type { Account } from './sign-in.js';
import { readUsers } from './users-file.js';

/** Runs the broker while the service runs. */
@Injectable()
export class BrokerService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #since = new Date();
  #broker: EmbeddedBroker | null = null;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
  }

  /** Where clients can connect. */
  get listeners(): readonly OpenListener[] {
    return this.#broker?.listeners ?? [];
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, log } = this.#service;
    const { usersFile, tcp, webSocket, anonymous, ...limits } = config.broker;
    const listeners = [
      ...listenersOf('tcp', tcp, anonymous),
      ...listenersOf('webSocket', webSocket, anonymous),
    ];
    const closed = listeners.find(({ host }) => !anonymous || !isLoopback(host));
    if (usersFile === undefined && closed !== undefined) {
      throw new Error(
        `broker.${closed.kind}: nobody could sign in on ${closed.host}: set broker.usersFile`,
      );
    }
    this.#broker = await EmbeddedBroker.open(
      {
        ...limits,
        listeners,
        rights: accessRules(config.mqtt.root),
        accounts: usersFile === undefined ? new Map() : await readAccounts(usersFile, config),
        directory: join(config.dataDir, 'broker'),
        files: diskFiles,
      },
      this.#service,
    );
    for (const { kind, encrypted, host, port } of this.#broker.listeners) {
      log.write('info', `MQTT listens on ${host}:${port} (${kind}${encrypted ? ', TLS' : ''})`);
    }
  }

  /** The last words have to be said before there is no broker to say them to. */
  async onApplicationShutdown(): Promise<void> {
    const { bus, identity, counters } = this.#service;
    const { service, instance } = identity;
    bus.publish(
      topics.serviceHealth,
      { service, instance },
      {
        v: 1,
        ...identity,
        at: new Date().toISOString(),
        since: this.#since.toISOString(),
        state: 'stopped',
        reason: '',
        memoryBytes: process.memoryUsage.rss(),
        counters: counters.all(),
      },
    );
    await bus.close();
    await this.#broker?.close();
    this.#broker = null;
  }
}

/** The accounts of the file; one that is for some devices has rights of its own. */
async function readAccounts(
  usersFile: string,
  { mqtt }: WattbusConfig,
): Promise<ReadonlyMap<string, Account>> {
  const accounts = [...(await readUsers(usersFile))].map(([user, { role, hash, devices }]) => {
    const own = role === 'device' && devices && { rights: deviceRights(mqtt.root, devices) };
    return [user, { role, hash, ...own }] as const;
  });
  return new Map(accounts);
}

/** The plain one, and the one with TLS where there is a certificate. */
function listenersOf(
  kind: Listener['kind'],
  { host, port, tls }: WattbusConfig['broker']['tcp'],
  anonymous: boolean,
): Listener[] {
  const plain: Listener = { kind, host, port, anonymous };
  if (tls === undefined) return [plain];
  const identity = readTlsIdentity(`broker.${kind}.tls`, tls);
  return [plain, { kind, host: tls.host, port: tls.port, anonymous, tls: identity }];
}
