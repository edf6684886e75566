import { Inject, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal, type JournalEvent } from '@wattbus/journal';
import { topics, type Alert } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { join } from 'node:path';
import { describe, journalAlert, lossAlert, type JournalAlert } from './domain/journal-alert.js';
import type { ReadingDraft } from './domain/reading-drafts.js';

const POSITION_MS = 1_000;
const DAY_MS = 86_400_000;
/** Readings that wait for the disk; beyond it lines are held up until half of them are through. */
const WAITING_READINGS_MAX = 4_000;

/** Makes readings durable, then says them on the bus: in this order, or they could be lost. */
export class ReadingJournal implements OnModuleInit, OnApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #moved = new Set<string>();
  #journal: Journal | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The newest of each name, said again on every connect. */
  readonly #alerts = new Map<string, Alert>();

  readonly #onFlow: ((on: boolean) => void)[] = [];
  #waiting = 0;
  #isHeldUp = false;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
  }

  get journal(): Journal {
    if (this.#journal === null) throw new Error('the journal is not open');
    return this.#journal;
  }

  /** Before any reader starts, which is on bootstrap. */
  async onModuleInit(): Promise<void> {
    const { config, bus } = this.#service;
    const opened = await openJournal({
      directory: join(config.dataDir, 'journal'),
      commitMsMax: config.ingest.commitMsMax,
      retentionMs: config.ingest.retentionDays * DAY_MS,
      retentionBytes: config.ingest.retentionBytes,
      onEvent: (event) => this.#note(event),
    });
    if (!opened.ok) throw new Error(opened.detail);
    this.#journal = opened.journal;
    if (!this.#alerts.has('journal-space')) {
      // The broker may have kept that of an earlier run.
      this.#say({ name: 'journal-space', active: false, severity: 'warning', text: '' });
    }
    const retentionMs = config.ingest.retentionDays * DAY_MS;
    this.#say(lossAlert(this.journal.lost(), Date.now(), retentionMs));
    bus.onConnect(() => {
      for (const meter of this.journal.positions().keys()) this.#moved.add(meter);
      this.#sayPositions();
      for (const [name, alert] of this.#alerts) {
        bus.publish(topics.serviceAlert, { service: 'meter-ingest', name }, alert);
      }
    });
    this.#timer = setInterval(() => this.#sayPositions(), POSITION_MS);
  }

  /** After every reader has stopped. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#journal?.close();
    if (this.#journal !== null) this.#sayPositions();
  }

  /** The accepted readings; empty where the disk refused them, which is counted and shown. */
  async accept(drafts: readonly ReadingDraft[]): Promise<readonly Reading[]> {
    const { bus, condition, counters, log } = this.#service;
    this.#wait(drafts.length);
    const appended = await this.journal.appendAll(drafts);
    this.#wait(-drafts.length);
    if (!appended.ok) {
      counters.add('readingsNotAccepted', drafts.length);
      condition.set('journal', appended.detail);
      log.limited('error', 'journal', appended.detail);
      return [];
    }
    condition.set('journal', null);
    counters.add('readingsAccepted', drafts.length);
    for (const reading of appended.readings) {
      bus.publish(topics.meterReading, { meter: reading.meter }, reading);
      this.#moved.add(reading.meter);
    }
    return appended.readings;
  }

  /** Told `false` while the disk is behind, so that fast senders wait instead of being refused. */
  onFlow(tell: (on: boolean) => void): void {
    this.#onFlow.push(tell);
  }

  /** The last readings of every meter, in order; for going on where the last run ended. */
  async lastReadings(limit: number): Promise<readonly Reading[]> {
    const readings: Reading[] = [];
    for (const [meter, { epoch, first, last }] of this.journal.positions()) {
      const fromSeq = Math.max(first, last - limit + 1);
      const page = await this.journal.page({ meter, epoch, fromSeq, limit });
      if (page.ok) readings.push(...page.readings);
    }
    return readings;
  }

  #wait(readings: number): void {
    this.#waiting += readings;
    const limit = this.#isHeldUp ? WAITING_READINGS_MAX / 2 : WAITING_READINGS_MAX;
    const isHeldUp = this.#waiting > limit;
    if (isHeldUp === this.#isHeldUp) return;
    this.#isHeldUp = isHeldUp;
    for (const tell of this.#onFlow) tell(!isHeldUp);
  }

  #sayPositions(): void {
    const { bus } = this.#service;
    if (!bus.connected) return;
    for (const meter of this.#moved) {
      bus.publish(topics.meterJournal, { meter }, this.journal.position(meter));
    }
    this.#moved.clear();
    const { segments, bytes } = this.journal.usage();
    this.#service.counters.set('journal.segments', segments);
    this.#service.counters.set('journal.bytes', bytes);
    this.#service.counters.set('journal.commits', this.journal.counters.commits);
  }

  #note(event: JournalEvent): void {
    const { log, counters } = this.#service;
    counters.add(`journal.${event.kind}`);
    const alert = journalAlert(event);
    if (alert !== null) this.#say(alert);
    // The reason of a failure is said by `accept`.
    if (event.kind === 'failed') return;
    log.limited(alert?.active ? 'warn' : 'info', `journal.${event.kind}`, describe(event));
  }

  #say({ name, active, severity, text }: JournalAlert): void {
    const at = new Date(Date.now()).toISOString();
    const alert = { v: 1, at, active, severity, text } as const;
    this.#alerts.set(name, alert);
    this.#service.bus.publish(topics.serviceAlert, { service: 'meter-ingest', name }, alert);
  }
}
