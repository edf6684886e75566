import { serviceRoles } from '@wattbus/mqtt-contract';
import type { AedesOptions, AuthenticateError, Client } from 'aedes';
import type { Duplex } from 'node:stream';
import type { BrokerOptions, Telling } from './broker-options.js';
import { connack, Refusal, type Connection, type RefusalKind, type Traffic } from './connection.js';
import { Access, type Rights } from './domain/access.js';
import { SignIn } from './sign-in.js';

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;
type ConnectPacket = Parameters<Hooks['preConnect']>[1];
type PublishPacket = Parameters<Hooks['authorizePublish']>[1];

const MQTT_3_1_1 = 4;
const CLIENT_ID_CHARACTERS_MAX = 128;
const SUBSCRIPTIONS_MAX = 1_000;
/** An analyzer holds three or four for each of its meters. */
const SUBSCRIPTIONS_OF_SERVICE_MAX = 100_000;
/** Programs of this machine sign in as the latter. */
const manyFilters: ReadonlySet<string> = new Set([...serviceRoles, 'admin']);
/** Where messages go that may not be published: no filter of any role matches it. */
const NOWHERE = '$dropped';

const answers: Readonly<Partial<Record<RefusalKind, { code: number; text: string }>>> = {
  signInMissing: { code: connack.notAuthorized, text: 'user name and password are needed here' },
  signInWrong: { code: connack.badCredentials, text: 'user name or password is wrong' },
  signInLimited: { code: connack.notAuthorized, text: 'too many failed sign-ins; try later' },
  signInBusy: { code: connack.serverUnavailable, text: 'too many sign-ins at once; try again' },
  clientId: { code: connack.identifierRejected, text: 'this client id belongs to another user' },
};

/** Who may connect, and what each may publish and subscribe to: the broker's hooks. */
export class Admission {
  readonly hooks: Hooks;
  readonly #options: BrokerOptions;
  readonly #telling: Telling;
  readonly #traffic: Traffic;
  readonly #signIn: SignIn;
  /** By role, and by user for accounts with rights of their own. */
  readonly #access = new Map<string, Access>();
  readonly #connections = new WeakMap<Duplex, Connection>();
  readonly #byClientId = new Map<string, Connection>();

  constructor(options: BrokerOptions, telling: Telling, traffic: Traffic) {
    this.#options = options;
    this.#telling = telling;
    this.#traffic = traffic;
    this.#signIn = new SignIn(options.accounts);
    this.hooks = {
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, user, password, done) => {
        void this.#authenticate(client, user, password).then(
          () => done(null, true),
          (error: AuthenticateError) => done(error, false),
        );
      },
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
    };
  }

  add(connection: Connection): void {
    this.#connections.set(connection.stream, connection);
  }

  connectionOf(client: Client): Connection {
    const connection = this.#connections.get(client.conn);
    if (connection === undefined) throw new Error('a client without a connection');
    return connection;
  }

  register(client: Client): void {
    this.#byClientId.set(client.id, this.connectionOf(client));
  }

  unregister(client: Client): void {
    const connection = this.connectionOf(client);
    if (this.#byClientId.get(client.id) === connection) this.#byClientId.delete(client.id);
  }

  #preConnect(
    client: Client,
    packet: ConnectPacket,
    done: (error: Error | null, success: boolean) => void,
  ): void {
    const { protocolVersion, clientId, clean } = packet;
    const connection = this.connectionOf(client);
    connection.saidWho = true;
    if (protocolVersion !== MQTT_3_1_1) {
      connection.sendRefusal(connack.protocolVersion);
      const text = `protocol level ${protocolVersion}; this broker speaks MQTT 3.1.1 (level 4)`;
      return done(new Refusal('protocolVersion', text), false);
    }
    // MQTT 3.1.1 §3.1.3.1: an empty id asks for a clean session.
    if (clientId.length > CLIENT_ID_CHARACTERS_MAX || (clientId === '' && clean === false)) {
      connection.sendRefusal(connack.identifierRejected);
      return done(new Refusal('clientId', 'client id empty or too long'), false);
    }
    // Every session is clean, and CONNACK says so: what must not be lost is replayed by its
    // source, and queues for clients that may never return have no bound.
    packet.clean = true;
    done(null, true);
  }

  async #authenticate(client: Client, user?: string, password?: Buffer): Promise<void> {
    const connection = this.connectionOf(client);
    const access = await this.#accessFor(connection, user, password);
    const other = this.#byClientId.get(client.id);
    // Connecting ends the connection of the same id, which only its own user may do.
    if (other !== undefined && other.user !== (user ?? null)) throw refused('clientId');
    connection.signIn(user ?? null, access, this.#options.packetBytesMax);
  }

  async #accessFor(connection: Connection, user?: string, password?: Buffer): Promise<Access> {
    if (user === undefined) {
      if (connection.origin.mayBeAnonymous) return this.#accessOf('admin', 'admin');
      throw refused('signInMissing');
    }
    const given = password ?? Buffer.alloc(0);
    const verdict = await this.#signIn.check(connection.origin, user, given);
    if (!verdict.ok) throw refused(verdict.kind);
    const { role, rights } = verdict.account;
    return rights ? this.#accessOf(`account ${user}`, role, rights) : this.#accessOf(role, role);
  }

  #accessOf(key: string, role: string, own?: Rights): Access {
    const nothing: Rights = { publish: [], subscribe: [] };
    const filtersMax = manyFilters.has(key) ? SUBSCRIPTIONS_OF_SERVICE_MAX : SUBSCRIPTIONS_MAX;
    let access = this.#access.get(key);
    access ??= new Access(own ?? this.#options.rights[role] ?? nothing, filtersMax);
    this.#access.set(key, access);
    return access;
  }

  /**
   * A message without the right to it is acknowledged and goes nowhere, which MQTT 3.1.1 §3.3.5
   * allows. The other choice, to close the connection, would make one wrong topic of a device an
   * endless series of reconnects, each with its retained messages.
   */
  #authorizePublish(client: Client | null, packet: PublishPacket, done: () => void): void {
    if (client === null) return done();
    this.#traffic.messagesReceived += 1;
    const connection = this.connectionOf(client);
    if (connection.access?.mayPublish(packet.topic) !== true) {
      this.#deny('publishDenied', connection, `publish to ${packet.topic}`);
      packet.topic = NOWHERE;
      packet.payload = Buffer.alloc(0);
      packet.retain = false;
    }
    done();
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const connection = this.connectionOf(client);
    const { filters, access } = connection;
    const filtersMax = access?.filtersMax ?? 0;
    const room = filters.has(filter) || filters.size < filtersMax;
    if (room && access?.maySubscribe(filter) === true) {
      filters.add(filter);
      return true;
    }
    const what = room ? `subscribe to ${filter}` : `hold more than ${filtersMax} filters`;
    this.#deny('subscribeDenied', connection, what);
    return false;
  }

  #deny(kind: RefusalKind, { user, origin }: Connection, what: string): void {
    const { log, counters } = this.#telling;
    counters.add(kind);
    const who = user ?? `anonymous at ${origin.address}`;
    log.limited('warn', `${kind}:${user ?? ''}`, `${who} may not ${what}; ignored`);
  }
}

function refused(kind: RefusalKind): AuthenticateError {
  const { code, text } = answers[kind]!;
  return Object.assign(new Refusal(kind, text), { returnCode: code });
}
