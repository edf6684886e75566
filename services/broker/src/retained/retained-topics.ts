import type { RetainedPacket } from './retained-store.js';

/** Retained messages by their topics, and by what stands above the last level of those. */
export class RetainedTopics {
  readonly #packets = new Map<string, RetainedPacket>();
  readonly #below = new Map<string, Map<string, RetainedPacket>>();

  get size(): number {
    return this.#packets.size;
  }

  get(topic: string): RetainedPacket | undefined {
    return this.#packets.get(topic);
  }

  set(packet: RetainedPacket): void {
    const { topic } = packet;
    this.#packets.set(topic, packet);
    const parent = parentOf(topic);
    const siblings = this.#below.get(parent) ?? new Map<string, RetainedPacket>();
    this.#below.set(parent, siblings.set(topic, packet));
  }

  delete(topic: string): void {
    this.#packets.delete(topic);
    const parent = parentOf(topic);
    const siblings = this.#below.get(parent);
    siblings?.delete(topic);
    if (siblings?.size === 0) this.#below.delete(parent);
  }

  keys(): Iterable<string> {
    return this.#packets.keys();
  }

  /** All that a filter may match, and little else where its only wildcard is a `+` at its end. */
  candidates(filter: string): Iterable<RetainedPacket> {
    if (!/[+#]/.test(filter)) {
      const packet = this.#packets.get(filter);
      return packet === undefined ? [] : [packet];
    }
    const parent = parentOf(filter);
    const isOneLevel = filter.endsWith('/+') && !/[+#]/.test(parent);
    return isOneLevel ? (this.#below.get(parent)?.values() ?? []) : this.#packets.values();
  }
}

/** `a/b` of `a/b/c`; of a topic of one level it is its own kind of nothing. */
const parentOf = (topic: string): string => topic.slice(0, Math.max(0, topic.lastIndexOf('/')));
