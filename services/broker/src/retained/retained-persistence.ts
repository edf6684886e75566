import { Readable } from 'node:stream';
import { MemoryPersistence } from './memory-persistence.js';
import type { RetainedPacket, RetainedStore } from './retained-store.js';

/**
 * Aedes' persistence: sessions in memory, as the package has them, and retained messages in a
 * store that survives a restart.
 */
export class RetainedPersistence extends MemoryPersistence {
  readonly #store: RetainedStore;
  readonly #onRefused: (topic: string) => void;

  /** `onRefused` hears of a message that goes to subscribers but finds no room in the store. */
  constructor(store: RetainedStore, onRefused: (topic: string) => void) {
    super();
    this.#store = store;
    this.#onRefused = onRefused;
  }

  override async storeRetained(packet: RetainedPacket): Promise<void> {
    // MQTT 3.1.1 §3.3.1.3: an empty retained message removes the one before.
    if (packet.payload.length === 0) this.#store.remove(packet.topic);
    else if (!this.#store.put(packet)) this.#onRefused(packet.topic);
  }

  override createRetainedStream(pattern: string): Readable {
    return this.createRetainedStreamCombi([pattern]);
  }

  override createRetainedStreamCombi(patterns: string[]): Readable {
    return Readable.from(this.#matchingAny(patterns));
  }

  /** The queue made for each acknowledging client would stay for ever; clean ones have none. */
  override async outgoingClearMessageId(
    client: { clean?: boolean },
    packet: unknown,
  ): Promise<unknown> {
    return client.clean === true ? undefined : super.outgoingClearMessageId(client, packet);
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.#store.close();
  }

  async *#matchingAny(patterns: readonly string[]): AsyncGenerator<RetainedPacket> {
    for (const pattern of patterns) yield* this.#store.matching(pattern);
  }
}
