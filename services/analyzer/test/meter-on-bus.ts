import type { Measured, Reading, Role } from '@wattbus/energy-model';
import { topics, type ReplayRequest } from '@wattbus/mqtt-contract';
import { decodePayload } from '@wattbus/mqtt-contract';
import { joinBus, type Person } from '@wattbus/testing';

/** Stands on the bus where meter-ingest does: says readings, and gives them again when asked. */
export class MeterOnBus {
  readonly meter: string;
  readonly journal: Reading[] = [];
  role: Role = 'grid';
  readonly #epoch: string;
  readonly #person: Person;
  requests = 0;

  private constructor(person: Person, meter: string, epoch: string) {
    this.#person = person;
    this.meter = meter;
    this.#epoch = epoch;
  }

  static async join(url: string, meter: string, epoch = 'e1'): Promise<MeterOnBus> {
    const person = await joinBus(url);
    const one = new MeterOnBus(person, meter, epoch);
    person.client.on('message', (name, bytes) => {
      if (!topics.replayRequest.match('energy', name)) return;
      const request = decodePayload(topics.replayRequest, bytes);
      if (request.ok) void one.#answer(request.payload);
    });
    await person.client.subscribeAsync(topics.replayRequest.filter('energy', { meter }));
    return one;
  }

  /** Puts a reading into the journal; `say` tells whether it also goes onto the bus live. */
  async accept(atMs: number, measured: Measured, say = true): Promise<void> {
    const at = new Date(atMs).toISOString();
    const reading: Reading = {
      v: 1,
      meter: this.meter,
      medium: 'electricity',
      role: this.role,
      epoch: this.#epoch,
      seq: this.journal.length + 1,
      at,
      receivedAt: at,
      atSource: 'meter',
      quality: 'checked',
      ...measured,
    };
    this.journal.push(reading);
    if (say) await this.#person.say(topics.meterReading, { meter: this.meter }, reading);
  }

  async sayPosition(): Promise<void> {
    const last = this.journal.length;
    const position = { v: 1 as const, epoch: this.#epoch, first: 1, last };
    await this.#person.say(topics.meterJournal, { meter: this.meter }, position);
  }

  leave(): Promise<void> {
    return this.#person.leave();
  }

  async #answer({ consumer, fromSeq, limit }: ReplayRequest): Promise<void> {
    this.requests += 1;
    const readings = this.journal.slice(fromSeq - 1, fromSeq - 1 + limit);
    await this.#person.say(
      topics.replayPage,
      { meter: this.meter, consumer },
      { v: 1, epoch: this.#epoch, fromSeq, first: 1, last: this.journal.length, readings },
    );
  }
}
