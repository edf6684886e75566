import {
  Controller,
  Inject,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  encodePayload,
  topics,
  type AnomalyAnalysis,
  type BaseloadAnalysis,
  type CarbonAnalysis,
  type CostAnalysis,
  type EnergyAnalysis,
  type PeakAnalysis,
  type SiteAnalysis,
  type Topic,
} from '@wattbus/mqtt-contract';
import type { Site } from '@wattbus/load-analysis';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { HourlyForecast } from './domain/site-insights.js';
import { isNewer, summarise } from './domain/site-summary.js';
import { SITE } from './load-site.js';
import { Replicas } from './replicas.js';

/** The name by which the summary is shared out, as if it were a meter. */
const SITE_NAME = 'site';
const SAY_MS = 1_000;
/** Summing up thousands takes its time: then it is done less often. */
const SAY_MS_PER_METER = 1;
const METERS_MAX = 20_000;
/** What the summary is made from, and itself. */
const summedUp: readonly Topic[] = [
  topics.energyAnalysis,
  topics.costAnalysis,
  topics.peakAnalysis,
  topics.baseloadAnalysis,
  topics.anomalyAnalysis,
  topics.forecastAnalysis,
  topics.carbonAnalysis,
  topics.siteAnalysis,
];

/** Results of all meters, whoever made them → the whole site, said by one replica. */
@Controller()
export class SiteHandler implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #replicas: Replicas;
  readonly #site: Site;
  readonly #heard = {
    energy: new Map<string, EnergyAnalysis>(),
    cost: new Map<string, CostAnalysis>(),
    peak: new Map<string, PeakAnalysis>(),
    baseload: new Map<string, BaseloadAnalysis>(),
    anomaly: new Map<string, AnomalyAnalysis>(),
    forecast: new Map<string, HourlyForecast>(),
    carbon: new Map<string, CarbonAnalysis>(),
  };
  #owned = false;
  #changed = false;
  /** What this replica said last. */
  #said = '';
  #saidAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(Replicas) replicas: Replicas,
    @Inject(SITE) site: Site,
  ) {
    this.#site = site;
    this.#service = service;
    this.#replicas = replicas;
  }

  onApplicationBootstrap(): void {
    this.#replicas.onChange(() => this.#own(this.#replicas.owns(SITE_NAME)));
    this.#service.bus.onConnect(() => {
      this.#changed = true;
    });
    this.#timer = setInterval(() => this.#sayIfDue(performance.now()), SAY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#say();
  }

  @OnTopic(topics.energyAnalysis, { manual: true })
  energy({ payload }: Message<EnergyAnalysis>): void {
    this.#keep(this.#heard.energy, payload);
  }

  @OnTopic(topics.costAnalysis, { manual: true })
  cost({ payload }: Message<CostAnalysis>): void {
    this.#keep(this.#heard.cost, payload);
  }

  @OnTopic(topics.peakAnalysis, { manual: true })
  peak({ payload }: Message<PeakAnalysis>): void {
    this.#keep(this.#heard.peak, payload);
  }

  @OnTopic(topics.baseloadAnalysis, { manual: true })
  baseload({ payload }: Message<BaseloadAnalysis>): void {
    this.#keep(this.#heard.baseload, payload);
  }

  @OnTopic(topics.anomalyAnalysis, { manual: true })
  anomaly({ payload }: Message<AnomalyAnalysis>): void {
    this.#keep(this.#heard.anomaly, payload);
  }

  @OnTopic(topics.forecastAnalysis, { manual: true, as: HourlyForecast })
  forecast({ payload }: Message<HourlyForecast>): void {
    this.#keep(this.#heard.forecast, payload);
  }

  @OnTopic(topics.carbonAnalysis, { manual: true })
  carbon({ payload }: Message<CarbonAnalysis>): void {
    this.#keep(this.#heard.carbon, payload);
  }

  /** What another replica says late is what the bus keeps now, so it is said over. */
  @OnTopic(topics.siteAnalysis, { manual: true })
  site({ payload }: Message<SiteAnalysis>): void {
    if (encodePayload(topics.siteAnalysis, payload) !== this.#said) this.#changed = true;
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
    for (const topic of summedUp) {
      // One that is dropped, since there are too many, comes again with the next reading.
      if (owned) bus.subscribeTo(topic.filter(bus.root), 0);
      else bus.unsubscribe(topic);
    }
    for (const results of Object.values(this.#heard)) results.clear();
  }

  #sayIfDue(nowMs: number): void {
    if (nowMs - this.#saidAtMs < this.#heard.energy.size * SAY_MS_PER_METER) return;
    this.#saidAtMs = nowMs;
    this.#say();
  }

  #say(): void {
    if (!this.#owned || !this.#changed || !this.#service.bus.connected) return;
    const summary = summarise(this.#heard, {
      zone: this.#site.calendar.zone,
      currency: this.#site.plan.at(-1)!.tariff.currency,
    });
    if (!summary) return;
    this.#said = encodePayload(topics.siteAnalysis, summary);
    this.#changed = !this.#service.bus.publish(topics.siteAnalysis, {}, summary);
  }
}
