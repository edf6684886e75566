import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { Cursor, Point, TimeSeriesStore } from '@wattbus/time-series';
import { DeadLetters } from './dead-letters.js';
import { Backlog, cursorsAfter } from './domain/backlog.js';
import { STORE } from './store.js';

/** What a stop waits for the store at most; what is left then is replayed after the start. */
const STOP_MS_MAX = 2_500;

/** Carries out what the backlog decides: one write at a time, and the pauses between. */
@Injectable()
export class StoreWriter implements OnModuleDestroy {
  readonly #store: TimeSeriesStore;
  readonly #letters: DeadLetters;
  readonly #context: ServiceContext;
  readonly #backlog: Backlog;
  readonly #onRoom: (() => void)[] = [];
  readonly #onCommit: ((cursors: readonly Cursor[]) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #stopping = false;

  constructor(@Inject(SERVICE) context: ServiceContext, @Inject(STORE) store: TimeSeriesStore) {
    this.#context = context;
    this.#store = store;
    this.#letters = new DeadLetters(context);
    this.#backlog = new Backlog(context.config.store);
  }

  /** Points that can be offered now. */
  get free(): number {
    return this.#stopping ? 0 : this.#backlog.free;
  }

  /** True where all were taken: they are written, whatever it takes, while the process lives. */
  offer(points: readonly Point[]): boolean {
    if (this.#stopping || !this.#backlog.offer(points, performance.now())) return false;
    this.#context.counters.set('backlogPoints', this.#backlog.size);
    this.#goOn();
    return true;
  }

  /** Called whenever a commit has made room. */
  onRoom(callback: () => void): void {
    this.#onRoom.push(callback);
  }

  /** Called with where meters stand in the store from now on. */
  onCommit(callback: (cursors: readonly Cursor[]) => void): void {
    this.#onCommit.push(callback);
  }

  /** Writes what it holds, unless the store does not answer, and closes the store. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping = true;
    const endMs = performance.now() + STOP_MS_MAX;
    while (this.#backlog.size > 0 && performance.now() < endMs) {
      this.#goOn();
      const waitMs = this.#backlog.waitMs(performance.now(), true) ?? STOP_MS_MAX;
      const pause = pauseMs(Math.min(waitMs + 1, endMs - performance.now()));
      await Promise.race([this.#writing ?? pause.over, pause.over]);
      pause.end();
    }
    clearTimeout(this.#timer);
    await this.#store.close();
  }

  #goOn(): void {
    if (this.#writing) return;
    const nowMs = performance.now();
    const batch = this.#backlog.next(nowMs, this.#stopping);
    if (batch) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#writing = this.#write(batch).finally(() => {
        this.#writing = null;
        this.#goOn();
      });
      return;
    }
    const waitMs = this.#backlog.waitMs(nowMs, this.#stopping);
    if (waitMs === null || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#goOn();
    }, waitMs);
  }

  async #write(points: readonly Point[]): Promise<void> {
    const { counters, condition, log } = this.#context;
    const batch = { points, cursors: cursorsAfter(points) };
    const outcome = await this.#store.write(batch, (rejected) => this.#letters.put(rejected));
    if (outcome.outcome === 'committed') {
      counters.add('pointsWritten', points.length - outcome.rejected.length);
      counters.add('batchesWritten');
      if (this.#backlog.failures > 0) log.write('info', `${this.#store.name} takes points again`);
      condition.set('store', null);
      this.#backlog.committed();
      for (const callback of this.#onRoom) callback();
      for (const callback of this.#onCommit) callback(batch.cursors);
    } else {
      counters.add('writesFailed');
      const reason = `${this.#store.name} does not take points: ${outcome.reason}`;
      condition.set('store', reason);
      log.limited('warn', 'store', reason);
      this.#backlog.failed(performance.now(), Math.random());
    }
    counters.set('backlogPoints', this.#backlog.size);
  }
}

function pauseMs(ms: number): { over: Promise<void>; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms));
  });
  return { over, end: () => clearTimeout(timer) };
}
