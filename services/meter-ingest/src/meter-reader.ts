import { isFault, type Fault, type Measured, type Telegram } from '@wattbus/energy-model';
import { protocolNamed, type MeterDecoder } from '@wattbus/meter-protocols';
import { topics, type MeterState } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import type { MeterConfig } from '@wattbus/service-config';
import { decoderOptionsOf, settingsOf } from './domain/decoder-options.js';
import { dueLeaves, type Said } from './domain/leaves.js';
import { linkState, newLink, shouldReopen, stepLink, type Link } from './domain/link.js';
import { eventsOf, nothingTold, type EventMemory } from './domain/meter-events.js';
import { draftsOf, type ReadingDraft } from './domain/reading-drafts.js';
import { LineKeeper } from './line/line-keeper.js';
import type { ReadingJournal } from './reading-journal.js';

const TICK_MS = 1_000;
/** The state is said when it changes, and this often for its counters and age. */
const STATE_MS = 60_000;

/** One port: bytes → telegrams → readings, and how the meter is. */
export class MeterReader {
  readonly #meter: MeterConfig;
  readonly #service: ServiceContext;
  readonly #readings: ReadingJournal;
  readonly #line: LineKeeper;
  readonly #decoder: MeterDecoder;
  readonly #captured: Map<string, string>;
  readonly #newest = new Map<string, { measured: Measured; said: Said; dirty: boolean }>();
  readonly #faults = new Map<string, number>();
  #identification: Telegram['meter'] = {};
  #link: Link = newLink(performance.now());
  #events: EventMemory = nothingTold;
  #telegrams = 0;
  #lastReadingAt: string | null = null;
  #saidState = { link: '', text: '', atMs: 0 };
  #timer: NodeJS.Timeout | null = null;

  constructor(
    meter: MeterConfig,
    service: ServiceContext,
    readings: ReadingJournal,
    captured: Map<string, string>,
  ) {
    const protocol = protocolNamed(meter.protocol);
    if (protocol === undefined) throw new Error(`no protocol ${meter.protocol}`);
    this.#meter = meter;
    this.#service = service;
    this.#readings = readings;
    this.#captured = captured;
    const year = new Date(Date.now()).getUTCFullYear();
    this.#decoder = protocol.decoder(decoderOptionsOf(meter, service.config.site.zone, year));
    this.#line = new LineKeeper(meter.port, settingsOf(meter, protocol), {
      onOpen: () => this.#opened(),
      onBytes: (bytes) => this.#take(bytes),
      onDown: (reason) => this.#down(reason),
    });
  }

  start(): void {
    this.#readings.onFlow((on) => this.#line.flow(on));
    this.#line.start();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#service.bus.onConnect(() => this.#sayState(true));
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#line.stop();
    this.#link = stepLink(this.#link, {
      kind: 'ended',
      nowMs: performance.now(),
      reason: 'meter-ingest was stopped',
    });
    this.#sayState(true);
  }

  #opened(): void {
    this.#link = stepLink(this.#link, { kind: 'opened', nowMs: performance.now() });
    this.#service.log.limited('info', `open:${this.#meter.name}`, `${this.#meter.port} is open`);
  }

  #down(reason: string): void {
    this.#link = stepLink(this.#link, { kind: 'ended', nowMs: performance.now(), reason });
    this.#service.counters.add('lineDowns');
    this.#service.log.limited('warn', `down:${this.#meter.name}`, `${this.#meter.name}: ${reason}`);
    this.#sayState(false);
  }

  #take(bytes: Uint8Array): void {
    const receivedAt = new Date(Date.now()).toISOString();
    const drafts: ReadingDraft[] = [];
    for (const result of this.#decoder.push(bytes)) {
      if (isFault(result)) this.#fault(result);
      else drafts.push(...this.#telegram(result, receivedAt));
    }
    if (drafts.length > 0) void this.#accept(drafts);
  }

  #telegram(telegram: Telegram, receivedAt: string): readonly ReadingDraft[] {
    this.#telegrams += 1;
    this.#identification = telegram.meter;
    this.#service.counters.add('telegrams');
    const drafts = draftsOf(telegram, this.#meter, receivedAt, this.#captured);
    for (const { meter, at } of drafts) this.#captured.set(meter, at);
    const { memory, events } = eventsOf(
      this.#events,
      telegram,
      this.#meter.name,
      telegram.at ?? receivedAt,
    );
    this.#events = memory;
    for (const event of events) {
      this.#service.bus.publish(topics.meterEvent, { meter: event.meter }, event);
    }
    return drafts;
  }

  #fault({ fault, offset, detail }: Fault): void {
    const { name } = this.#meter;
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    this.#service.counters.add(`fault.${fault}`);
    const text = `${name}: ${fault} at byte ${offset}: ${detail}`;
    this.#service.log.limited('warn', `fault:${name}:${fault}`, text);
  }

  async #accept(drafts: readonly ReadingDraft[]): Promise<void> {
    const readings = await this.#readings.accept(drafts);
    if (readings.length === 0) this.#forget(drafts);
    for (const reading of readings) {
      const said = this.#newest.get(reading.meter)?.said ?? new Map();
      this.#newest.set(reading.meter, { measured: reading, said, dirty: true });
    }
    const last = readings.at(-1);
    if (last === undefined) return;
    this.#lastReadingAt = last.at;
    this.#link = stepLink(this.#link, { kind: 'reading', nowMs: performance.now() });
    if (this.#saidState.link !== 'online') this.#sayState(false);
  }

  /** A gas meter's reading that was refused comes again with the next telegram. */
  #forget(drafts: readonly ReadingDraft[]): void {
    for (const { meter, at } of drafts) {
      if (this.#captured.get(meter) === at) this.#captured.delete(meter);
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    if (this.#service.bus.connected) this.#sayLeaves(nowMs);
    if (shouldReopen(this.#link, nowMs, this.#meter.staleAfterS * 1000)) this.#line.reopen();
    this.#sayState(false);
  }

  #sayLeaves(nowMs: number): void {
    for (const [meter, newest] of this.#newest) {
      if (!newest.dirty) continue;
      const { said, leaves } = dueLeaves(newest.said, newest.measured, nowMs);
      for (const { quantity, text, retain } of leaves) {
        this.#service.bus.publish(topics.meterQuantity, { meter, quantity }, text, { retain });
      }
      this.#newest.set(meter, { measured: newest.measured, said, dirty: false });
    }
  }

  #sayState(always: boolean): void {
    const nowMs = performance.now();
    const state = this.#state(nowMs);
    const due = nowMs - this.#saidState.atMs >= STATE_MS;
    // Seconds of silence are no other reason.
    const text = `${state.link} ${state.reason.replace(/\d+/g, 'n')}`;
    if (!always && !due && text === this.#saidState.text) return;
    const { name } = this.#meter;
    if (this.#service.bus.publish(topics.meterState, { meter: name }, state)) {
      this.#saidState = { link: state.link, text, atMs: nowMs };
    }
  }

  #state(nowMs: number): MeterState {
    const { name, role, protocol, port, staleAfterS } = this.#meter;
    const mediumOf = { gas: 'gas', water: 'water', heat: 'heat' } as const;
    return {
      v: 1,
      meter: name,
      at: new Date(Date.now()).toISOString(),
      medium: mediumOf[role as keyof typeof mediumOf] ?? 'electricity',
      role,
      protocol,
      port,
      ...linkState(this.#link, nowMs, staleAfterS * 1000),
      identification: { ...this.#identification },
      lastReadingAt: this.#lastReadingAt,
      telegrams: this.#telegrams,
      faults: Object.fromEntries(this.#faults),
    };
  }
}
