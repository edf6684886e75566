import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { topics } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { initialWatch, watchPrices, type WatchState } from './domain/feed-watch.js';
import { mergeSlots, type Slot } from './domain/kept-slots.js';
import { fetchPrices, sourceOf, type PricesConfig } from './fetch-prices.js';

const MINUTE_MS = 60_000;
/** The price of now is looked at so often. */
const WATCH_MS = 1_000;
/** A fetch that failed is tried again after this, then after twice as long, up to `everyMin`. */
const RETRY_MS_MIN = 5_000;

/** Prices of the market onto the bus, and an alert where there are none. */
@Injectable()
export class PriceFeed implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #config: PricesConfig | undefined;
  readonly #ending = new AbortController();
  #slots: readonly Slot[] = [];
  /** What is on the bus, as far as is known. */
  #said = '';
  #failures = 0;
  #reason = '';
  #watch: WatchState = initialWatch;
  #watchTimer: NodeJS.Timeout | undefined;
  #fetchTimer: NodeJS.Timeout | undefined;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
    this.#config = service.config.prices;
  }

  onApplicationBootstrap(): void {
    if (!this.#config) return;
    this.#service.bus.onConnect(() => {
      this.#said = '';
      this.#watch = initialWatch;
      this.#say();
    });
    this.#watchTimer = setInterval(() => this.#look(), WATCH_MS);
    if (this.#config.kind !== 'mqtt') void this.#fetch(this.#config);
  }

  onModuleDestroy(): void {
    this.#ending.abort();
    clearInterval(this.#watchTimer);
    clearTimeout(this.#fetchTimer);
  }

  /** Prices on the bus: those of an earlier life, or of another program. */
  heard(slots: readonly Slot[]): void {
    const known = this.#config?.kind === 'mqtt' ? [] : this.#slots;
    const fresh = slots.filter(
      ({ startMs, endMs }) => !known.some((one) => one.startMs < endMs && startMs < one.endMs),
    );
    this.#slots = mergeSlots(known, fresh, Date.now());
  }

  async #fetch(config: PricesConfig): Promise<void> {
    const { counters, condition, log } = this.#service;
    this.#reason = await this.#take(config);
    if (this.#ending.signal.aborted) return;
    counters.add('fetches');
    condition.set('feed', this.#reason === '' ? null : `prices: ${this.#reason}`);
    if (this.#reason === '') this.#failures = 0;
    else {
      this.#failures += 1;
      counters.add('fetchFailures');
      log.limited('warn', 'prices', `prices of ${sourceOf(config)}: ${this.#reason}`);
    }
    const everyMs = config.everyMin * MINUTE_MS;
    const retryMs = Math.min(everyMs, RETRY_MS_MIN * 2 ** (this.#failures - 1));
    const waitMs = this.#failures === 0 ? everyMs : retryMs;
    this.#fetchTimer = setTimeout(() => void this.#fetch(config), waitMs);
  }

  /** Why it failed; empty where it did not. */
  async #take(config: PricesConfig): Promise<string> {
    const { zone } = this.#service.config.site;
    const { signal } = this.#ending;
    try {
      const read = await fetchPrices(config, { nowMs: Date.now(), zone, signal });
      if (!read.ok) return read.message;
      this.#slots = mergeSlots(this.#slots, read.slots, Date.now());
      this.#say();
      return '';
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }

  #say(): void {
    const config = this.#config;
    if (!config || config.kind === 'mqtt' || this.#slots.length === 0) return;
    const { bus, counters } = this.#service;
    const slots = this.#slots.map(({ startMs, endMs, price }) => ({
      start: new Date(startMs).toISOString(),
      end: new Date(endMs).toISOString(),
      price,
    }));
    const text = JSON.stringify(slots);
    if (text === this.#said) return counters.add('repeats');
    const unit = `${config.currency}/kWh`;
    const message = { v: 1 as const, unit, source: sourceOf(config), slots };
    if (bus.publish(topics.marketPrices, { direction: 'import' }, message)) this.#said = text;
  }

  #look(): void {
    const { bus } = this.#service;
    if (!bus.connected) return;
    const nowMs = Date.now();
    const staleAfterMs = this.#config!.staleAfterMin * MINUTE_MS;
    const input = { slots: this.#slots, nowMs, staleAfterMs, reason: this.#reason };
    const { state, alerts } = watchPrices(this.#watch, input);
    for (const { name, active, text } of alerts) {
      const alert = { v: 1 as const, at: new Date(nowMs).toISOString(), active, text };
      const params = { service: 'price-feed', name };
      bus.publish(topics.serviceAlert, params, { ...alert, severity: 'warning' });
    }
    this.#watch = state;
  }
}
