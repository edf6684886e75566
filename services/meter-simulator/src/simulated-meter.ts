import {
  Inject,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { mkdirSync } from 'node:fs';
import { stepHouse, type House } from './domain/house.js';
import { localTimeOf, type LocalTime } from './domain/local-time.js';
import { p1Telegram } from './domain/p1-telegram.js';
import { loadHouse, saveHouse } from './kept-house.js';
import { SmartPlug } from './smart-plug.js';
import { openTransport, type Transport } from './transport/transport.js';

const SAVE_MS = 10_000;
/** Simulated seconds between telegrams while catching up. */
const BACKFILL_INTERVAL_S = 20;

/** Runs the house against the clock and sends what its meter says. */
export class SimulatedMeter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #plug: SmartPlug;
  readonly #localTime: (atMs: number) => LocalTime;
  #transport: Transport | null = null;
  #house: House | null = null;
  #savedAtMs = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(@Inject(SERVICE) service: ServiceContext, @Inject(SmartPlug) plug: SmartPlug) {
    this.#service = service;
    this.#plug = plug;
    this.#localTime = localTimeOf(service.config.site.zone);
  }

  /** What a meter configuration has to name to read this meter. */
  get address(): string {
    if (this.#transport === null) throw new Error('the simulated meter has not started');
    return this.#transport.address;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, log } = this.#service;
    mkdirSync(config.dataDir, { recursive: true });
    this.#transport = await openTransport(config.simulator.listen, log);
    log.write('info', `the simulated meter speaks on ${this.#transport.address}`);
    this.#running = this.#run(this.#transport).catch((error: unknown) => {
      log.write('error', `the simulated meter stopped: ${(error as Error).message}`);
      this.#service.condition.set('meter', `the simulated meter stopped: ${String(error)}`);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#transport?.close();
    await this.#running;
    this.#save();
  }

  async #run(transport: Transport): Promise<void> {
    const { simulator, dataDir } = this.#service.config;
    const nowMs = Date.now();
    const fromMs = simulator.start ? Date.parse(simulator.start) : nowMs;
    const backMs = simulator.backfillHours * 3_600_000;
    const kept = loadHouse(dataDir, simulator.seed, fromMs - backMs);
    // After a long pause the house was at rest; its clock goes on, its registers stand.
    this.#house = { ...kept, atMs: Math.max(kept.atMs, fromMs - backMs) };
    if (backMs > 0) await this.#catchUp(transport);
    await this.#keepTime(transport);
  }

  /** As fast as the reader takes it, up to now. */
  async #catchUp(transport: Transport): Promise<void> {
    await transport.reader();
    const stepMs = BACKFILL_INTERVAL_S * 1000;
    while (!this.#stopping && this.#house!.atMs + stepMs < Date.now()) {
      await this.#say(transport, this.#house!.atMs + stepMs);
    }
  }

  async #keepTime(transport: Transport): Promise<void> {
    const { speed, intervalS } = this.#service.config.simulator;
    const startMs = performance.now();
    const fromMs = this.#house!.atMs;
    for (let n = 1; !this.#stopping; n += 1) {
      const atMs = fromMs + n * intervalS * 1000;
      const dueMs = startMs + (atMs - fromMs) / speed;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await this.#sleep(waitMs);
      if (!this.#stopping) await this.#say(transport, atMs);
    }
  }

  async #say(transport: Transport, atMs: number): Promise<void> {
    const local = this.#localTime(atMs);
    const { house, view } = stepHouse(this.#house!, {
      atMs,
      ...local,
      boilerPlugOn: this.#plug.on,
    });
    this.#house = house;
    if (performance.now() - this.#savedAtMs > SAVE_MS) this.#save();
    await transport.write(p1Telegram(view, local));
    this.#service.counters.add('telegrams');
  }

  #save(): void {
    if (this.#house === null) return;
    this.#savedAtMs = performance.now();
    saveHouse(this.#service.config.dataDir, this.#service.config.simulator.seed, this.#house);
  }

  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
