import { isFault, type Fault, type Medium, type Telegram } from '@wattbus/energy-model';
import { describeSettings, type Detected } from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import type { MeterConfig } from '@wattbus/service-config';
import { decoderOptionsOf } from './domain/decoder-options.js';
import { linkState, newLink, shouldReopen, stepLink, type Link } from './domain/link.js';
import { eventsOf, nothingTold, type EventMemory } from './domain/meter-events.js';
import { MeterInput } from './domain/meter-input.js';
import { draftsOf, type ReadingDraft } from './domain/reading-drafts.js';
import type { KnownLines } from './known-lines.js';
import { LineKeeper } from './line/line-keeper.js';
import { MeterVoice } from './meter-voice.js';
import type { ReadingJournal } from './reading-journal.js';

const TICK_MS = 1_000;
/** Never asks faster than this, whatever a conversation wants. */
const WAKE_MS_MIN = 1;
const WAKE_MS_MAX = 600_000;

const mediumOf: Readonly<Partial<Record<MeterConfig['role'], Medium>>> = {
  gas: 'gas',
  water: 'water',
  heat: 'heat',
};

/** What a reader works with besides its meter. */
export interface ReaderParts {
  readonly service: ServiceContext;
  readonly readings: ReadingJournal;
  /** The newest meter time of each meter behind another one. */
  readonly captured: Map<string, string>;
  readonly lines: KnownLines;
}

/** One port: bytes → telegrams → readings, and how the meter is. */
export class MeterReader {
  readonly #meter: MeterConfig;
  readonly #parts: ReaderParts;
  readonly #line: LineKeeper;
  readonly #input: MeterInput;
  readonly #voice: MeterVoice;
  readonly #faults = new Map<string, number>();
  #link: Link = newLink(performance.now());
  #events: EventMemory = nothingTold;
  #telegrams = 0;
  #ticker: NodeJS.Timeout | null = null;
  #waker: NodeJS.Timeout | null = null;

  constructor(meter: MeterConfig, parts: ReaderParts) {
    this.#meter = meter;
    this.#parts = parts;
    const { service, lines } = parts;
    const { name, role, port } = meter;
    const year = new Date(Date.now()).getUTCFullYear();
    const options = decoderOptionsOf(meter, service.config.site.zone, year);
    const remembered = meter.protocol === 'auto' ? lines.read(name, port) : null;
    this.#input = new MeterInput(meter, options, remembered, performance.now());
    this.#voice = new MeterVoice(service, {
      meter: name,
      role,
      medium: mediumOf[role] ?? 'electricity',
    });
    this.#line = new LineKeeper(port, this.#input.settings, {
      onOpen: () => this.#opened(),
      onBytes: (bytes) => this.#take(bytes),
      onDown: (reason) => this.#down(reason),
    });
  }

  start(): void {
    this.#parts.readings.onFlow((on) => this.#line.flow(on));
    this.#line.start();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#parts.service.bus.onConnect(() => this.#sayStates(true));
  }

  stop(): void {
    if (this.#ticker) clearInterval(this.#ticker);
    if (this.#waker) clearTimeout(this.#waker);
    this.#line.stop();
    this.#link = stepLink(this.#link, {
      kind: 'ended',
      nowMs: performance.now(),
      reason: 'meter-ingest was stopped',
    });
    this.#sayStates(true);
  }

  #opened(): void {
    this.#link = stepLink(this.#link, { kind: 'opened', nowMs: performance.now() });
    const { name, port } = this.#meter;
    this.#parts.service.log.limited('info', `open:${name}`, `${port} is open`);
    this.#take(nothing);
  }

  #down(reason: string): void {
    this.#link = stepLink(this.#link, { kind: 'ended', nowMs: performance.now(), reason });
    if (this.#waker) clearTimeout(this.#waker);
    const { counters, log } = this.#parts.service;
    counters.add('lineDowns');
    log.limited('warn', `down:${this.#meter.name}`, `${this.#meter.name}: ${reason}`);
    this.#sayStates(false);
  }

  #take(bytes: Uint8Array): void {
    if (!this.#link.open) return;
    const nowMs = performance.now();
    const receivedAt = new Date(Date.now()).toISOString();
    const { results, effects, wakeAtMs, found } = this.#input.step({ nowMs, bytes });
    if (found) this.#found(found);
    this.#line.carryOut(effects);
    const drafts: ReadingDraft[] = [];
    for (const result of results) {
      if (isFault(result)) this.#fault(result);
      else drafts.push(...this.#telegram(result, receivedAt));
    }
    if (drafts.length > 0) void this.#accept(drafts);
    this.#wakeAt(wakeAtMs, nowMs);
  }

  #wakeAt(wakeAtMs: number, nowMs: number): void {
    if (this.#waker) clearTimeout(this.#waker);
    this.#waker = null;
    if (wakeAtMs === Infinity) return;
    const waitMs = Math.min(WAKE_MS_MAX, Math.max(WAKE_MS_MIN, wakeAtMs - nowMs));
    this.#waker = setTimeout(() => this.#take(nothing), waitMs);
  }

  #found(found: Detected): void {
    const { service, lines } = this.#parts;
    const { name, port } = this.#meter;
    const { protocol, settings, certainty } = found;
    service.counters.add('linesFound');
    const text = `${name}: ${protocol} at ${describeSettings(settings)} (certainty ${certainty})`;
    service.log.limited('info', `found:${name}`, text);
    try {
      lines.write(name, port, found);
    } catch (error) {
      const reason = `${name}: its line is not kept for the next start: ${(error as Error).message}`;
      service.log.limited('warn', `keep:${name}`, reason);
    }
  }

  #telegram(telegram: Telegram, receivedAt: string): readonly ReadingDraft[] {
    const { service, captured } = this.#parts;
    const { name } = this.#meter;
    this.#telegrams += 1;
    this.#voice.identify(name, telegram.meter);
    service.counters.add('telegrams');
    const drafts = draftsOf(telegram, this.#meter, receivedAt, captured);
    for (const { meter, at } of drafts) captured.set(meter, at);
    const at = telegram.at ?? receivedAt;
    const { memory, events } = eventsOf(this.#events, telegram, name, at);
    this.#events = memory;
    for (const event of events) {
      service.bus.publish(topics.meterEvent, { meter: event.meter }, event);
    }
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
    const nowMs = performance.now();
    if (this.#parts.service.bus.connected) this.#voice.sayLeaves(nowMs);
    const isSearching = this.#input.doing !== '';
    const staleMs = this.#meter.staleAfterS * 1000;
    if (!isSearching && shouldReopen(this.#link, nowMs, staleMs)) this.#line.reopen();
    this.#sayStates(false);
  }

  #sayStates(always: boolean): void {
    const nowMs = performance.now();
    const { port, staleAfterS } = this.#meter;
    const state = linkState(this.#link, nowMs, staleAfterS * 1000);
    const { doing, protocol } = this.#input;
    const reason =
      this.#link.open && doing !== '' ? `waiting for the meter to be recognised: ${doing}` : null;
    const line = {
      link: state.link,
      reason: reason ?? state.reason,
      protocol,
      port,
      faults: Object.fromEntries(this.#faults),
    };
    this.#voice.sayStates(line, this.#telegrams, nowMs, always);
  }
}

const nothing = new Uint8Array(0);
