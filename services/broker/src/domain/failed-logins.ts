/** Addresses that are remembered; the one longest known is forgotten first. */
const ADDRESSES_MAX = 4_096;

export interface LoginLimit {
  readonly failuresMax: number;
  readonly windowMs: number;
}

/** Counts failed logins an address in windows of fixed length. Time is in ms and comes in. */
export class FailedLogins {
  readonly #limit: LoginLimit;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor(limit: LoginLimit) {
    this.#limit = limit;
  }

  isBlocked(address: string, nowMs: number): boolean {
    const known = this.#current(address, nowMs);
    return known !== undefined && known.count >= this.#limit.failuresMax;
  }

  add(address: string, nowMs: number): void {
    const known = this.#current(address, nowMs);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    this.#failures.delete(address);
    if (this.#failures.size >= ADDRESSES_MAX) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest!);
    }
    this.#failures.set(address, { count: 1, sinceMs: nowMs });
  }

  get size(): number {
    return this.#failures.size;
  }

  #current(address: string, nowMs: number): { count: number } | undefined {
    const known = this.#failures.get(address);
    return known !== undefined && nowMs - known.sinceMs < this.#limit.windowMs ? known : undefined;
  }
}
