import { Controller, Inject } from '@nestjs/common';
import {
  topics,
  type Alert,
  type AnomalyAnalysis,
  type BaseloadAnalysis,
  type BillAnalysis,
  type CarbonAnalysis,
  type CostAnalysis,
  type DayAnalysis,
  type DeviceState,
  type EnergyAnalysis,
  type ForecastAnalysis,
  type MeterEvent,
  type PeakAnalysis,
  type QualityAnalysis,
  type RecentDays,
  type SiteAnalysis,
} from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import type { InsightName, Insights } from './domain/insight-points.js';
import { Recorder, type Proposal } from './domain/recorder.js';
import { MissedDays } from './missed-days.js';
import { StoreWriter } from './store-writer.js';

/** A message for which there was no room. */
interface Held {
  readonly propose: () => Proposal;
  /** Called where it gives way to newer ones. */
  readonly dropped?: (() => void) | undefined;
}

/** Messages kept for when there is room; the oldest gives way. A month of days of 30 meters. */
const HELD_MAX = 1_000;

/** Results of analysis, device states, events and alerts → points. */
@Controller()
export class AnalysisHandler {
  readonly #recorder = new Recorder();
  readonly #writer: StoreWriter;
  readonly #service: ServiceContext;
  readonly #held = new Map<string, Held>();
  readonly #missed: MissedDays;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(StoreWriter) writer: StoreWriter,
    @Inject(MissedDays) missed: MissedDays,
  ) {
    this.#service = service;
    this.#missed = missed;
    this.#writer = writer;
    writer.onRoom(() => this.#offerHeld());
  }

  @OnTopic(topics.energyAnalysis)
  energy({ payload }: Message<EnergyAnalysis>): void {
    this.#offer(`energy ${payload.meter}`, () => this.#recorder.energy(payload));
  }

  @OnTopic(topics.dayAnalysis)
  day({ payload, retained }: Message<DayAnalysis>): void {
    const { meter, date } = payload;
    const propose = (): Proposal => this.#recorder.day(payload);
    this.#offer(`day ${meter} ${date}`, propose, () => this.#missed.look(meter));
    // It comes with the connection: days before it may have closed while there was none.
    if (retained) this.#missed.look(meter);
  }

  @OnTopic(topics.recentDays, { manual: true })
  days({ payload }: Message<RecentDays>): void {
    this.#missed.take(payload);
  }

  @OnTopic(topics.costAnalysis)
  cost({ payload }: Message<CostAnalysis>): void {
    this.#offer(`cost ${payload.meter}`, () => this.#recorder.cost(payload));
  }

  @OnTopic(topics.billAnalysis)
  bill({ payload }: Message<BillAnalysis>): void {
    this.#offer(`bill ${payload.meter} ${payload.at}`, () => this.#recorder.bill(payload));
  }

  @OnTopic(topics.peakAnalysis)
  peak({ payload }: Message<PeakAnalysis>): void {
    this.#offer(`peak ${payload.meter}`, () => this.#recorder.peak(payload));
  }

  @OnTopic(topics.baseloadAnalysis)
  baseload({ payload }: Message<BaseloadAnalysis>): void {
    this.#insight('baseload', payload);
  }

  @OnTopic(topics.anomalyAnalysis)
  anomaly({ payload }: Message<AnomalyAnalysis>): void {
    this.#insight('anomaly', payload);
  }

  @OnTopic(topics.forecastAnalysis)
  forecast({ payload }: Message<ForecastAnalysis>): void {
    this.#insight('forecast', payload);
  }

  @OnTopic(topics.qualityAnalysis)
  quality({ payload }: Message<QualityAnalysis>): void {
    this.#insight('quality', payload);
  }

  @OnTopic(topics.carbonAnalysis)
  carbon({ payload }: Message<CarbonAnalysis>): void {
    this.#insight('carbon', payload);
  }

  @OnTopic(topics.siteAnalysis)
  site({ payload }: Message<SiteAnalysis>): void {
    this.#offer('site', () => this.#recorder.site(payload));
  }

  @OnTopic(topics.meterEvent)
  event({ payload }: Message<MeterEvent>): void {
    const { meter, kind, at } = payload;
    this.#offer(`event ${meter} ${kind} ${at}`, () => this.#recorder.event(payload));
  }

  @OnTopic(topics.controlState)
  device({ payload }: Message<DeviceState>): void {
    this.#offer(`device ${payload.device}`, () => this.#recorder.device(payload));
  }

  @OnTopic(topics.serviceAlert)
  alert({ payload, params }: Message<Alert>): void {
    const { service, name } = params as { service: string; name: string };
    const propose = (): Proposal => this.#recorder.alert(service, name, payload);
    this.#offer(`alert ${service} ${name} ${payload.at}`, propose);
  }

  #insight<Name extends InsightName>(name: Name, payload: Insights[Name]): void {
    // Each is history of its own: while there is no room, the forecast of every hour is held.
    const key = `${name} ${payload.meter} ${payload.seq}`;
    this.#offer(key, () => this.#recorder.insight(name, payload));
  }

  /** A later message under the same key holds what the earlier one said. */
  #offer(key: string, propose: () => Proposal, dropped?: () => void): void {
    const { points, accept } = propose();
    this.#held.delete(key);
    if (points.length === 0) return;
    if (this.#writer.offer(points)) return accept();
    if (this.#held.size >= HELD_MAX) {
      this.#dropOldest();
    }
    this.#held.set(key, { propose, dropped });
  }

  #dropOldest(): void {
    const [oldest] = this.#held;
    if (!oldest) return;
    const [key, held] = oldest;
    this.#held.delete(key);
    held.dropped?.();
    this.#service.counters.add('resultsDropped');
  }

  #offerHeld(): void {
    for (const [key, { propose }] of this.#held) {
      const { points, accept } = propose();
      if (points.length > 0 && !this.#writer.offer(points)) return;
      accept();
      this.#held.delete(key);
    }
  }
}
