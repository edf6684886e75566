import type { MqttClient } from 'mqtt';
import type { Log } from './log.js';

/** From a subscription that was refused to the next try. */
const AGAIN_MS = 2_000;
const SUBACK_MS_MAX = 60_000;
const FILTERS_OF_PACKET = 500;
/** MQTT 3.1.1 §3.9.3. */
const SUBACK_FAILURE = 0x80;

type Wanted = readonly (readonly [filter: string, qos: 0 | 1])[];

/** What a connection wants to hear, said anew on each connect, and until the broker grants it. */
export class Subscriptions {
  readonly #client: MqttClient;
  readonly #log: Log;
  readonly #subackMsMax: number;
  readonly #wanted = new Map<string, 0 | 1>();
  /** Filters that the broker refuses at present. */
  readonly #denied = new Set<string>();
  #again: NodeJS.Timeout | null = null;
  /** What the broker is told in the next turn, or before the next publish. */
  readonly #leaving = new Set<string>();
  readonly #coming = new Map<string, 0 | 1>();

  /** A broker that leaves a subscription without an answer for `subackMsMax` is left. */
  constructor(client: MqttClient, log: Log, subackMsMax = SUBACK_MS_MAX) {
    this.#client = client;
    this.#log = log;
    this.#subackMsMax = subackMsMax;
  }

  /** What the broker refuses; null where it refuses nothing. */
  get refusal(): string | null {
    const [first] = this.#denied;
    if (first === undefined) return null;
    const more = this.#denied.size > 1 ? ` and ${this.#denied.size - 1} more` : '';
    return `the broker refuses subscriptions to ${first}${more}: check the account's role`;
  }

  add(filter: string, qos: 0 | 1): void {
    this.#wanted.set(filter, qos);
    if (!this.#client.connected) return;
    this.#sayNextTurn();
    this.#coming.set(filter, qos);
  }

  remove(filter: string): void {
    this.#wanted.delete(filter);
    this.#denied.delete(filter);
    if (!this.#client.connected) return;
    this.#sayNextTurn();
    this.#coming.delete(filter);
    this.#leaving.add(filter);
  }

  /**
   * Tells the broker what has come and gone. Thousands may in one turn, and a packet for each would
   * keep it, and this process, busy for longer than anyone waits.
   */
  flush(): void {
    if (this.#coming.size === 0 && this.#leaving.size === 0) return;
    const [leaving, coming] = [[...this.#leaving], [...this.#coming]];
    this.#forgetUnsaid();
    if (!this.#client.connected) return;
    for (const filters of packetsOf(leaving)) this.#client.unsubscribe(filters);
    this.#say(coming);
  }

  /** A new connection knows of none. */
  sayAll(): void {
    this.#denied.clear();
    this.#forgetUnsaid();
    this.#say([...this.#wanted]);
  }

  #sayNextTurn(): void {
    if (this.#coming.size === 0 && this.#leaving.size === 0) setImmediate(() => this.flush());
  }

  #forgetUnsaid(): void {
    this.#coming.clear();
    this.#leaving.clear();
  }

  #say(wanted: Wanted): void {
    for (const some of packetsOf(wanted)) this.#sayPacket(some);
  }

  #sayPacket(wanted: Wanted): void {
    const { stream } = this.#client;
    const isOver = (): boolean => this.#client.stream !== stream || !this.#client.connected;
    // Who is connected and hears nothing would never know.
    const silence = setTimeout(() => {
      if (!isOver()) stream.destroy(new Error('no answer to a subscription'));
    }, this.#subackMsMax);
    const filters = Object.fromEntries(wanted.map(([filter, qos]) => [filter, { qos }]));
    this.#client.subscribe(filters, (error, _granted, packet) => {
      clearTimeout(silence);
      if (isOver()) return;
      const codes = (packet?.granted ?? []) as readonly number[];
      for (const [i, [filter]] of wanted.entries()) {
        const isDenied = (codes[i] ?? (error ? SUBACK_FAILURE : 0)) >= SUBACK_FAILURE;
        if (isDenied && this.#wanted.has(filter)) this.#denied.add(filter);
        else this.#denied.delete(filter);
      }
      if (this.#denied.size > 0) this.#sayLater(isOver);
    });
  }

  /** A cluster that has lost a node refuses what it takes a few seconds later. */
  #sayLater(isOver: () => boolean): void {
    this.#log.limited('error', 'subscribe', this.refusal ?? '');
    if (this.#again) return;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (!isOver()) this.#say([...this.#wanted].filter(([filter]) => this.#denied.has(filter)));
    }, AGAIN_MS);
    this.#again.unref();
  }
}

/** Parts that every broker takes as one packet. */
const packetsOf = <One>(all: readonly One[]): One[][] =>
  Array.from({ length: Math.ceil(all.length / FILTERS_OF_PACKET) }, (_, i) =>
    all.slice(i * FILTERS_OF_PACKET, (i + 1) * FILTERS_OF_PACKET),
  );
