import { filterCovers, filterMatches, isTopicFilter } from './topic-filter.js';

/** What a role may do, as MQTT filters. */
export interface Rights {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Decisions about topics are remembered, so that the filters are not walked for each message. */
const DECISIONS_MAX = 4_096;

/** The rights of one role, ready to be asked. */
export class Access {
  readonly #rights: Rights;
  /** Filters that one connection may hold. */
  readonly filtersMax: number;
  readonly #decisions = new Map<string, boolean>();

  constructor(rights: Rights, filtersMax: number) {
    this.#rights = rights;
    this.filtersMax = filtersMax;
  }

  mayPublish(topic: string): boolean {
    const known = this.#decisions.get(topic);
    if (known !== undefined) return known;
    // MQTT 3.1.1 §3.3.2.1: a topic to publish to has no wildcards.
    const decision =
      !/[+#\0]/.test(topic) && this.#rights.publish.some((filter) => filterMatches(filter, topic));
    if (this.#decisions.size >= DECISIONS_MAX) this.#decisions.clear();
    this.#decisions.set(topic, decision);
    return decision;
  }

  /** A filter is granted where one allowed filter covers all of it; a malformed one never is. */
  maySubscribe(requested: string): boolean {
    return (
      isTopicFilter(requested) &&
      this.#rights.subscribe.some((filter) => filterCovers(filter, requested))
    );
  }
}
