import {
  describeMap,
  describeSettings,
  isControlLine,
  pulsePollMs,
  type Detected,
} from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { BusTurns } from './domain/bus-turns.js';
import { decoderOptionsOf } from './domain/decoder-options.js';
import { knownLineOf, MeterInput } from './domain/meter-input.js';
import { LineKeeper, type LineEvents } from './line/line-keeper.js';
import type { Watched } from './line/line.js';
import { MeterDesk, type ReaderParts } from './meter-desk.js';

const TICK_MS = 1_000;
/** Never asks faster than this, whatever a conversation wants. */
const WAKE_MS_MIN = 1;
const WAKE_MS_MAX = 600_000;

interface OnLine {
  readonly meter: MeterConfig;
  readonly input: MeterInput;
  readonly desk: MeterDesk;
}

/** One port and the meters on it: bytes → telegrams. */
export class LineReader {
  readonly #port: string;
  readonly #parts: ReaderParts;
  readonly #meters: readonly OnLine[];
  readonly #turns: BusTurns;
  readonly #line: LineKeeper;
  #ticker: NodeJS.Timeout | null = null;
  #waker: NodeJS.Timeout | null = null;

  constructor(port: string, meters: readonly MeterConfig[], parts: ReaderParts) {
    this.#port = port;
    this.#parts = parts;
    this.#meters = meters.map((meter) => this.#onLine(meter));
    const inputs = this.#meters.map(({ input }) => input);
    this.#turns = new BusTurns(inputs);
    const events: LineEvents = {
      onOpen: () => this.#opened(),
      onBytes: (bytes, atMs) => this.#take(bytes, atMs),
      onDown: (reason) => this.#down(reason),
    };
    this.#line = new LineKeeper(port, inputs[0]!.settings, events, watchedOf(meters[0]!));
  }

  start(): void {
    this.#parts.readings.onFlow((on) => this.#line.flow(on));
    this.#line.start();
    for (const { desk } of this.#meters) desk.start();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    if (this.#ticker) clearInterval(this.#ticker);
    if (this.#waker) clearTimeout(this.#waker);
    this.#line.stop();
    for (const { desk, input } of this.#meters) {
      desk.take(input.end(performance.now()));
      desk.stop();
    }
  }

  #onLine(meter: MeterConfig): OnLine {
    const { service, lines, pulses } = this.#parts;
    const { config } = service;
    const year = new Date(Date.now()).getUTCFullYear();
    const options = {
      ...decoderOptionsOf(meter, config.site.zone, year),
      registerMaps: config.registerMaps,
    };
    const input = new MeterInput(meter, options, {
      line: meter.protocol === 'auto' ? lines.read(meter.name, this.#port) : null,
      pulses: pulses.get(meter.name) ?? null,
      nowMs: performance.now(),
    });
    const way = { port: this.#port, protocol: () => input.protocol, doing: () => input.doing };
    return { meter, input, desk: new MeterDesk(meter, this.#parts, way) };
  }

  get #isOpen(): boolean {
    return this.#meters[0]!.desk.isOpen;
  }

  #opened(): void {
    for (const { desk } of this.#meters) desk.opened();
    this.#take(nothing);
  }

  #down(reason: string): void {
    if (this.#waker) clearTimeout(this.#waker);
    for (const { desk } of this.#meters) desk.down(reason);
  }

  #take(bytes: Uint8Array, nowMs = performance.now()): void {
    if (!this.#isOpen) return;
    const { heard, effects, wakeAtMs } = this.#turns.step({ nowMs, bytes });
    for (const [i, { results, found }] of heard.entries()) {
      const { meter, desk } = this.#meters[i]!;
      if (found) this.#found(meter.name, found);
      desk.take(results);
    }
    this.#line.carryOut(effects);
    this.#wakeAt(wakeAtMs, nowMs);
  }

  #wakeAt(wakeAtMs: number, nowMs: number): void {
    if (this.#waker) clearTimeout(this.#waker);
    this.#waker = null;
    if (wakeAtMs === Infinity) return;
    const waitMs = Math.min(WAKE_MS_MAX, Math.max(WAKE_MS_MIN, wakeAtMs - nowMs));
    this.#waker = setTimeout(() => this.#take(nothing), waitMs);
  }

  #found(name: string, found: Detected): void {
    const { service, lines } = this.#parts;
    const { protocol, settings, certainty, bus } = found;
    service.counters.add('linesFound');
    const who = bus ? `, unit ${bus.address}, ${describeMap(bus)}` : '';
    const text = `${name}: ${protocol} at ${describeSettings(settings)}${who} (certainty ${certainty})`;
    service.log.limited('info', `found:${name}`, text);
    try {
      lines.write(name, this.#port, knownLineOf(found)!);
    } catch (error) {
      const reason = `${name}: its line is not kept for the next start: ${(error as Error).message}`;
      service.log.limited('warn', `keep:${name}`, reason);
    }
  }

  /** One meter of a bus may be switched off; the line is opened anew when all are silent. */
  #tick(): void {
    const nowMs = performance.now();
    if (this.#meters.every(({ desk }) => desk.isDead(nowMs))) this.#line.reopen();
  }
}

const nothing = new Uint8Array(0);

function watchedOf({ pulse }: MeterConfig): Watched | undefined {
  if (!pulse || !isControlLine(pulse.input)) return undefined;
  return { line: pulse.input, everyMs: pulse.pollMs ?? pulsePollMs };
}
