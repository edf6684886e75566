/** What a service counts since its start. Names come from code, so their number is bounded. */
export class Counters {
  readonly #values = new Map<string, number>();
  readonly #states = new Set<string>();

  add(name: string, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
  }

  /** For what goes up and down. */
  set(name: string, value: number): void {
    this.#states.add(name);
    this.#values.set(name, value);
  }

  get(name: string): number {
    return this.#values.get(name) ?? 0;
  }

  /** True where the value may go down: it was set, not added to. */
  isState(name: string): boolean {
    return this.#states.has(name);
  }

  all(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }
}
