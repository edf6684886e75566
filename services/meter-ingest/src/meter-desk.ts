import { isFault, type Fault, type Medium, type Telegram } from '@wattbus/energy-model';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import type { MeterConfig } from '@wattbus/service-config';
import type { BelievedRegisters } from './domain/believed-registers.js';
import { linkState, newLink, shouldReopen, stepLink, type Link } from './domain/link.js';
import { failureEvents, replacedEvents, type ToldFailures } from './domain/meter-events.js';
import { draftsOf, type ReadingDraft } from './domain/reading-drafts.js';
import { staleAfterMsOf } from './domain/silence.js';
import type { EventBook } from './event-book.js';
import type { KnownLines } from './known-lines.js';
import { MeterVoice } from './meter-voice.js';
import type { ReadingJournal } from './reading-journal.js';

const TICK_MS = 1_000;

const mediumOf: Readonly<Partial<Record<MeterConfig['role'], Medium>>> = {
  gas: 'gas',
  water: 'water',
  heat: 'heat',
};

/** What a reader works with besides its meter. */
export interface ReaderParts {
  readonly service: ServiceContext;
  readonly readings: ReadingJournal;
  readonly events: EventBook;
  /** The newest meter time of each meter behind another one. */
  readonly captured: Map<string, string>;
  /** The serial number of each meter in its newest reading that states one. */
  readonly meterIds: Map<string, string>;
  /** What is believed of the registers of each meter. */
  readonly registers: Map<string, BelievedRegisters>;
  /** The count of each pulse meter in its newest reading. */
  readonly pulses: ReadonlyMap<string, number>;
  readonly lines: KnownLines;
}

/** What is known of the way to a meter besides whether it is open. */
export interface Way {
  /** As people know it: a device, `tcp://…`, `mqtt:tasmota/NAME`, a URL. */
  readonly port: string;
  protocol(): string;
  /** What is being done before anything can be read; empty otherwise. */
  doing(): string;
}

/** One meter, whichever way it is read: telegrams → readings, and how the meter is. */
export class MeterDesk {
  readonly #meter: MeterConfig;
  readonly #parts: ReaderParts;
  readonly #way: Way;
  readonly #voice: MeterVoice;
  readonly #faults = new Map<string, number>();
  #link: Link = newLink(performance.now());
  #told: ToldFailures = new Set();
  #telegrams = 0;
  #doing = '';
  #ticker: NodeJS.Timeout | null = null;

  constructor(meter: MeterConfig, parts: ReaderParts, way: Way) {
    this.#meter = meter;
    this.#parts = parts;
    this.#way = way;
    const { name, role } = meter;
    const named = { meter: name, role, medium: mediumOf[role] ?? 'electricity' };
    this.#voice = new MeterVoice(parts, named);
  }

  start(): void {
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#parts.service.bus.onConnect(() => this.#sayStates(true));
  }

  stop(): void {
    if (this.#ticker) clearInterval(this.#ticker);
    const reason = 'meter-ingest was stopped';
    this.#link = stepLink(this.#link, { kind: 'ended', nowMs: performance.now(), reason });
    this.#sayStates(true);
  }

  get isOpen(): boolean {
    return this.#link.open;
  }

  opened(): void {
    this.#link = stepLink(this.#link, { kind: 'opened', nowMs: performance.now() });
    const { name } = this.#meter;
    this.#parts.service.log.limited('info', `open:${name}`, `${this.#way.port} is open`);
  }

  down(reason: string): void {
    this.#link = stepLink(this.#link, { kind: 'ended', nowMs: performance.now(), reason });
    const { counters, log } = this.#parts.service;
    counters.add('lineDowns');
    log.limited('warn', `down:${this.#meter.name}`, `${this.#meter.name}: ${reason}`);
    this.#sayStates(false);
  }

  /** A way without a telegram for long may be half open. */
  isDead(nowMs: number): boolean {
    return this.#way.doing() === '' && shouldReopen(this.#link, nowMs, this.#staleAfterMs());
  }

  take(results: readonly (Telegram | Fault)[]): void {
    const receivedAt = new Date(Date.now()).toISOString();
    const drafts: ReadingDraft[] = [];
    for (const result of results) {
      if (isFault(result)) this.#fault(result);
      else drafts.push(...this.#telegram(result, receivedAt));
    }
    if (drafts.length > 0) void this.#accept(drafts);
    // A search may be over before the next tick.
    const doing = this.#way.doing();
    if (doing === this.#doing) return;
    this.#doing = doing;
    this.#sayStates(false);
  }

  #telegram(telegram: Telegram, receivedAt: string): readonly ReadingDraft[] {
    const { service, captured, meterIds } = this.#parts;
    const { name } = this.#meter;
    this.#telegrams += 1;
    this.#voice.identify(name, telegram.meter);
    service.counters.add('telegrams');
    const drafts = draftsOf(telegram, this.#meter, receivedAt, captured);
    const at = telegram.at ?? receivedAt;
    const { told, events } = failureEvents(this.#told, telegram, name, at);
    this.#told = told;
    const replaced = replacedEvents(meterIds, drafts);
    for (const { meter, meterId, at } of drafts) {
      captured.set(meter, at);
      if (meterId !== undefined) meterIds.set(meter, meterId);
    }
    this.#parts.events.say([...events, ...replaced]);
    return drafts;
  }

  #fault({ fault, offset, detail }: Fault): void {
    const { counters, log } = this.#parts.service;
    const { name } = this.#meter;
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    counters.add(`fault.${fault}`);
    const text = `${name}: ${fault} at byte ${offset}: ${detail}`;
    log.limited('warn', `fault:${name}:${fault}`, text);
  }

  async #accept(drafts: readonly ReadingDraft[]): Promise<void> {
    const readings = await this.#parts.readings.accept(drafts);
    if (readings.length === 0) return this.#forget(drafts);
    for (const reading of readings) this.#voice.take(reading);
    this.#link = stepLink(this.#link, { kind: 'reading', nowMs: performance.now() });
    this.#sayStates(false);
  }

  /** A gas meter's reading that was refused comes again with the next telegram. */
  #forget(drafts: readonly ReadingDraft[]): void {
    const { captured } = this.#parts;
    for (const { meter, at } of drafts) {
      if (captured.get(meter) === at) captured.delete(meter);
    }
  }

  #tick(): void {
    if (this.#parts.service.bus.connected) this.#voice.sayLeaves(performance.now());
    this.#sayStates(false);
  }

  #staleAfterMs(): number {
    return staleAfterMsOf(this.#meter, this.#way.protocol());
  }

  #sayStates(always: boolean): void {
    const nowMs = performance.now();
    const state = linkState(this.#link, nowMs, this.#staleAfterMs());
    const doing = this.#way.doing();
    const reason =
      this.#link.open && doing !== '' ? `waiting for the meter to be recognised: ${doing}` : null;
    const line = {
      link: state.link,
      reason: reason ?? state.reason,
      protocol: this.#way.protocol(),
      port: this.#way.port,
      faults: Object.fromEntries(this.#faults),
    };
    this.#voice.sayStates(line, this.#telegrams, nowMs, always);
  }
}
