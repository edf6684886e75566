import { Controller, Inject } from '@nestjs/common';
import { topics, type AnalyzerBeat, type ServiceHealth } from '@wattbus/mqtt-contract';
import { OnTopic, type Message } from '@wattbus/nest-mqtt';
import { Replicas } from './replicas.js';

/** Beats, last wills and farewells of the analyzers → who is alive. */
@Controller()
export class ReplicasHandler {
  readonly #replicas: Replicas;

  constructor(@Inject(Replicas) replicas: Replicas) {
    this.#replicas = replicas;
  }

  @OnTopic(topics.analyzerBeat)
  beat({ payload: { instance, boot } }: Message<AnalyzerBeat>): void {
    this.#replicas.feed({ kind: 'beat', instance, boot });
  }

  @OnTopic(topics.serviceHealth, { where: { service: 'analyzer' } })
  health({ payload: { instance, state }, retained }: Message<ServiceHealth>): void {
    const ended = state === 'lost' || state === 'stopped';
    // What the broker had kept may be of an earlier life.
    if (ended && !retained) this.#replicas.feed({ kind: 'gone', instance });
  }
}
