import {
  Controller,
  Inject,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  topics,
  type CostAnalysis,
  type EnergyAnalysis,
  type PeakAnalysis,
} from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { isNewer, summarise } from './domain/site-summary.js';
import { MeterKeeper } from './meter-keeper.js';
import { Replicas } from './replicas.js';

/** The name by which the summary is shared out, as if it were a meter. */
const SITE = 'site';
const SAY_MS = 1_000;
const METERS_MAX = 20_000;

/** Results of all meters, whoever made them → the whole site, said by one replica. */
@Controller()
export class SiteHandler implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #replicas: Replicas;
  readonly #keeper: MeterKeeper;
  readonly #energy = new Map<string, EnergyAnalysis>();
  readonly #cost = new Map<string, CostAnalysis>();
  readonly #peak = new Map<string, PeakAnalysis>();
  #owned = false;
  #changed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(Replicas) replicas: Replicas,
    @Inject(MeterKeeper) keeper: MeterKeeper,
  ) {
    this.#service = service;
    this.#replicas = replicas;
    this.#keeper = keeper;
  }

  onApplicationBootstrap(): void {
    this.#replicas.onChange(() => this.#own(this.#replicas.owns(SITE)));
    this.#service.bus.onConnect(() => {
      this.#changed = true;
    });
    this.#timer = setInterval(() => this.#say(), SAY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#say();
  }

  @OnTopic(topics.energyAnalysis, { manual: true })
  energy({ payload }: Message<EnergyAnalysis>): void {
    this.#keeper.heard(payload);
    this.#keep(this.#energy, payload);
  }

  @OnTopic(topics.costAnalysis, { manual: true })
  cost({ payload }: Message<CostAnalysis>): void {
    this.#keep(this.#cost, payload);
  }

  @OnTopic(topics.peakAnalysis, { manual: true })
  peak({ payload }: Message<PeakAnalysis>): void {
    this.#keep(this.#peak, payload);
  }

  #keep<Result extends { meter: string; at: string }>(
    results: Map<string, Result>,
    result: Result,
  ): void {
    if (!this.#owned || !isNewer(results.get(result.meter), result)) return;
    if (results.size >= METERS_MAX && !results.has(result.meter)) return;
    results.set(result.meter, result);
    this.#changed = true;
  }

  #own(owned: boolean): void {
    if (owned === this.#owned) return;
    this.#owned = owned;
    const { bus } = this.#service;
    if (owned) {
      bus.subscribe(topics.energyAnalysis);
      bus.subscribe(topics.costAnalysis);
      bus.subscribe(topics.peakAnalysis);
    } else {
      bus.unsubscribe(topics.energyAnalysis);
      bus.unsubscribe(topics.costAnalysis);
      bus.unsubscribe(topics.peakAnalysis);
    }
    for (const results of [this.#energy, this.#cost, this.#peak]) results.clear();
  }

  #say(): void {
    if (!this.#owned || !this.#changed || !this.#service.bus.connected) return;
    const { site, tariff } = this.#service.config;
    const state = { energy: this.#energy, cost: this.#cost, peak: this.#peak };
    const summary = summarise(state, { zone: site.zone, currency: tariff.currency });
    if (!summary) return;
    this.#changed = !this.#service.bus.publish(topics.siteAnalysis, {}, summary);
  }
}
