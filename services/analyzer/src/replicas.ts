import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { topics } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { randomBytes } from 'node:crypto';
import {
  nextMembership,
  startMembership,
  type Membership,
  type MembershipInput,
} from './domain/membership.js';
import { ownersOf, partitionOf } from './domain/rendezvous.js';

const TICK_MS = 50;

/** Which meters, and whether the site's summary, are this replica's to analyse. */
@Injectable()
export class Replicas implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #boot = randomBytes(4).toString('hex');
  readonly #onChange: (() => void)[] = [];
  /** From the first connection on: before it nobody can be heard. */
  #membership: Membership | null = null;
  #owners: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
  }

  onApplicationBootstrap(): void {
    const { bus, identity } = this.#service;
    bus.onConnect(() => {
      this.#membership ??= startMembership(identity.instance, performance.now());
      this.feed({ kind: 'reconnected' });
    });
    this.#timer = setInterval(() => {
      if (bus.connected) this.feed({ kind: 'tick' });
    }, TICK_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Called whenever ownership may have changed. */
  onChange(callback: () => void): void {
    this.#onChange.push(callback);
  }

  owns(name: string): boolean {
    return this.#owners[partitionOf(name)] === this.#service.identity.instance;
  }

  feed(input: MembershipInput): void {
    if (!this.#membership) return;
    const { state, outputs } = nextMembership(this.#membership, input, performance.now());
    this.#membership = state;
    for (const output of outputs) {
      if (output.kind === 'beat') this.#beat();
      else this.#shareOut(output.replicas);
    }
  }

  #beat(): void {
    const { bus, identity } = this.#service;
    const { instance } = identity;
    bus.publish(topics.analyzerBeat, { instance }, { v: 1, instance, boot: this.#boot });
  }

  #shareOut(replicas: readonly string[]): void {
    this.#owners = ownersOf(replicas);
    this.#service.counters.set('replicas', replicas.length);
    this.#service.log.write('info', `meters are shared by ${replicas.length} analyzers`, {
      replicas,
    });
    for (const callback of this.#onChange) callback();
  }
}
