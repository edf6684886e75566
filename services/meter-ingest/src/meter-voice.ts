import type { Measured, Reading, Telegram } from '@wattbus/energy-model';
import { topics, type MeterState } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import { believe, nothingBelieved, type BelievedRegisters } from './domain/believed-registers.js';
import type { EventBook } from './event-book.js';
import { dueLeaves, type Said } from './domain/leaves.js';

/** The state is said when it changes, and this often for its counters and age. */
const STATE_MS = 60_000;

/** What is said of a line whoever of its meters it concerns. */
export type LineState = Pick<MeterState, 'link' | 'reason' | 'protocol' | 'port' | 'faults'>;

interface Told {
  newest: Measured | null;
  said: Said;
  lastReadingAt: string | null;
  readings: number;
  identification: Telegram['meter'];
  state: { text: string; atMs: number };
}

const nothingTold = (): Told => ({
  newest: null,
  said: new Map(),
  lastReadingAt: null,
  readings: 0,
  identification: {},
  state: { text: '', atMs: -Infinity },
});

/** What one meter on a line is called and stands for. */
export type Named = Pick<Reading, 'meter' | 'medium' | 'role'>;

interface VoiceParts {
  readonly service: ServiceContext;
  readonly events: EventBook;
  readonly registers: Map<string, BelievedRegisters>;
}

/** Says of each meter on a line, that of the port and those behind it, its values and its state. */
export class MeterVoice {
  readonly #service: ServiceContext;
  readonly #events: EventBook;
  readonly #registers: Map<string, BelievedRegisters>;
  readonly #meters = new Map<string, { readonly named: Named; readonly told: Told }>();

  constructor({ service, events, registers }: VoiceParts, main: Named) {
    this.#service = service;
    this.#events = events;
    this.#registers = registers;
    this.#meters.set(main.meter, { named: main, told: nothingTold() });
  }

  identify(meter: string, identification: Telegram['meter']): void {
    const entry = this.#meters.get(meter);
    if (entry) entry.told.identification = identification;
  }

  take(reading: Reading): void {
    const { meter, medium, role } = reading;
    const entry = this.#meters.get(meter) ?? {
      named: { meter, medium, role },
      told: nothingTold(),
    };
    this.#meters.set(meter, entry);
    const { told } = entry;
    told.newest = this.#believe(reading);
    told.readings += 1;
    told.lastReadingAt = reading.at;
    if (reading.meterId !== undefined && told.identification.id === undefined) {
      told.identification = { ...told.identification, id: reading.meterId };
    }
  }

  #believe(reading: Reading): Measured {
    const { meter } = reading;
    const before = this.#registers.get(meter) ?? nothingBelieved;
    const { known, measured, events } = believe(before, reading);
    this.#registers.set(meter, known);
    // Before any value that falls by them.
    this.#events.say(events);
    return measured;
  }

  /** To a broker that is there. */
  sayLeaves(nowMs: number): void {
    for (const [meter, { told }] of this.#meters) {
      if (told.newest === null) continue;
      const { said, leaves } = dueLeaves(told.said, told.newest, nowMs);
      for (const { quantity, text, retain } of leaves) {
        this.#service.bus.publish(topics.meterQuantity, { meter, quantity }, text, { retain });
      }
      told.said = said;
      told.newest = null;
    }
  }

  /** Those that changed or are due; with `always` all. */
  sayStates(line: LineState, telegrams: number, nowMs: number, always: boolean): void {
    // Seconds of silence are no other reason.
    const text = `${line.link} ${line.reason.replace(/\d+/g, 'n')} ${line.protocol}`;
    let isMain = true;
    for (const { named, told } of this.#meters.values()) {
      const isDue = nowMs - told.state.atMs >= STATE_MS;
      if (always || isDue || text !== told.state.text) {
        const state = stateOf(named, told, line, isMain ? telegrams : told.readings);
        const { meter } = named;
        if (this.#service.bus.publish(topics.meterState, { meter }, state)) {
          told.state = { text, atMs: nowMs };
        }
      }
      isMain = false;
    }
  }
}

function stateOf(named: Named, told: Told, line: LineState, telegrams: number): MeterState {
  return {
    v: 1,
    ...named,
    at: new Date(Date.now()).toISOString(),
    ...line,
    identification: { ...told.identification },
    lastReadingAt: told.lastReadingAt,
    telegrams,
  };
}
