import { until } from '@wattbus/testing';
import type { ServiceProcess } from '../chain.js';
import type { BundledRole } from './bundles.js';
import { killPointOf, writeKillPoint, type KillPoint } from './kill-places.js';
import { sleep, type Victim } from './victim.js';

/** Of the lives, so many have a place at which they end. */
const SHARE_OF_KILL_POINTS = 0.9;
/** Most are back at once, as under a supervisor. */
const AWAY_MS_MAX = 400;
/** Ends a hang; a start takes a second where nothing else runs. */
const READY_MS_MAX = 300_000;

export interface SupervisorOptions {
  readonly name: string;
  readonly service: ServiceProcess;
  /** Numbers from 0 to 1, the same for the same seed. */
  readonly chance: () => number;
  readonly onKillPoint: (what: string) => void;
  /** It ended in another way than by a kill: that is a fault of its own. */
  readonly onUnexpectedEnd: (what: string) => void;
}

/**
 * Starts a service again whenever it ends, as Docker does, and gives most of its lives a place in
 * the code at which they end.
 */
export class Supervisor implements Victim {
  readonly #options: SupervisorOptions;
  #gives = false;
  /** Goes up with each life, and when somebody else sees to the next one. */
  #turn = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    void this.#watch(null, this.#turn);
  }

  /** From the next life on there are kill points. */
  arm(): void {
    this.#gives = true;
  }

  /** Resolves when it is ready and will live on. */
  async disarm(): Promise<void> {
    this.#gives = false;
    const { service, name } = this.#options;
    await until(
      `${name} to live on`,
      async () => {
        await this.ready();
        const { pid } = service;
        service.signal('SIGUSR2');
        // What answers after the signal has taken it.
        return (await service.health()) !== null && service.isRunning && service.pid === pid;
      },
      READY_MS_MAX,
    );
  }

  /** Its end is nobody's business any more. */
  letGo(): void {
    this.#turn += 1;
  }

  async kill(): Promise<boolean> {
    const { service } = this.#options;
    const wasRunning = service.isRunning;
    this.#turn += 1;
    await service.kill();
    return wasRunning;
  }

  launch(): void {
    const { service, chance } = this.#options;
    this.#turn += 1;
    const hasPoint = this.#gives && chance() < SHARE_OF_KILL_POINTS;
    const point = hasPoint ? killPointOf(service.role as BundledRole, chance) : null;
    service.launch(point ? { CHAOS_KILL_POINT: writeKillPoint(point) } : {});
    void this.#watch(point, this.#turn);
  }

  freeze(): boolean {
    const { service } = this.#options;
    service.signal('SIGSTOP');
    return service.isRunning;
  }

  thaw(): void {
    this.#options.service.signal('SIGCONT');
  }

  async ready(): Promise<void> {
    const { service, name } = this.#options;
    const isReady = async (): Promise<boolean> => {
      const health = await service.health();
      return health !== null && health.state !== 'starting';
    };
    await until(`${name} to be ready`, isReady, READY_MS_MAX);
  }

  /** Whose turn is over has nothing to say of what runs now, and must not start it twice. */
  async #watch(point: KillPoint | null, turn: number): Promise<void> {
    const { service, name, chance, onKillPoint, onUnexpectedEnd } = this.#options;
    const { code, signal, output } = await service.ended();
    if (this.#turn !== turn) return;
    if (signal === 'SIGKILL' && point) onKillPoint(`${name}, ${point.phase} ${point.place}`);
    else onUnexpectedEnd(`${name} ended with ${signal ?? code}: ${output}`);
    await sleep(chance() ** 2 * AWAY_MS_MAX);
    if (this.#turn === turn) this.launch();
  }
}
