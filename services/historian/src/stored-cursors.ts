import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { topics } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { Cursor } from '@wattbus/time-series';
import { CursorPace } from './domain/cursor-pace.js';
import { StoreWriter } from './store-writer.js';

const SAY_MS = 1_000;

/** Says on the bus how far each meter's readings are stored. */
@Injectable()
export class StoredCursors implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #pace = new CursorPace();
  #timer: NodeJS.Timeout | undefined;

  constructor(@Inject(SERVICE) service: ServiceContext, @Inject(StoreWriter) writer: StoreWriter) {
    this.#service = service;
    writer.onCommit((cursors) => this.#pace.moved(cursors));
  }

  onApplicationBootstrap(): void {
    this.#service.bus.onConnect(() => this.#pace.sayAgain());
    this.#timer = setInterval(() => this.#say(), SAY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Where the store has been since before this process. */
  found(cursors: readonly Cursor[]): void {
    this.#pace.moved(cursors);
  }

  #say(): void {
    const { bus } = this.#service;
    if (!bus.connected) return;
    for (const { meter, epoch, seq } of this.#pace.due(performance.now())) {
      bus.publish(topics.storedCursor, { meter }, { v: 1, epoch, seq });
    }
  }
}
