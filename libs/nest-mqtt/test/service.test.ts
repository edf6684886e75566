import { Controller, Inject, Module } from '@nestjs/common';
import { afterEach, describe, expect, test } from '@jest/globals';
import { topics, type MeterEvent, type ServiceHealth } from '@wattbus/mqtt-contract';
import { joinBus, startTestBroker, testConfig, until, type TestBroker } from '@wattbus/testing';
import type { Reading } from '@wattbus/energy-model';
import {
  OnTopic,
  SERVICE,
  startService,
  type Message,
  type RunningService,
  type ServiceContext,
} from '../src/index.js';

const sample = topics.meterReading.row.sample as Reading;

@Controller()
class Echo {
  readonly taken: Message<Reading>[] = [];

  constructor(@Inject(SERVICE) private readonly service: ServiceContext) {}

  @OnTopic(topics.meterReading)
  take(message: Message<Reading>): void {
    if (message.params['meter'] === 'bad') throw new Error('cannot take this one');
    this.taken.push(message);
    this.service.bus.publish(topics.meterQuantity, { meter: 'main', quantity: 'powerW' }, '431');
  }
}

@Controller()
class Witness {
  readonly seen: string[] = [];

  @OnTopic([topics.meterReading, topics.meterEvent])
  see({ topic, params }: Message<unknown>): void {
    this.seen.push(topic.topic('energy', params));
  }
}

@Module({ controllers: [Echo, Witness] })
class EchoModule {}

describe('a service on the bus', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function started(): Promise<{ broker: TestBroker; service: RunningService }> {
    const broker = await startTestBroker();
    ends.push(() => broker.stop());
    const config = testConfig({ mqtt: { url: broker.url }, instance: 'a1' });
    const service = await startService({ role: 'historian', module: EchoModule }, config);
    ends.push(() => service.stop());
    await until('connection', () => service.context.bus.connected);
    return { broker, service };
  }

  test('takes plain JSON with the parameters of its topic, and answers', async () => {
    const { broker, service } = await started();
    const person = await joinBus(broker.url);
    ends.push(() => person.leave());
    const heard = await person.hear(topics.meterQuantity);
    await person.say(topics.meterReading, { meter: 'main' }, sample);
    await until('the answer', () => heard.length === 1);
    expect(service.get(Echo).taken).toEqual([
      {
        topic: topics.meterReading,
        params: { meter: 'main' },
        payload: sample,
        retained: false,
      },
    ]);
    expect(heard).toEqual(['431']);
  });

  test('has handlers for several topics, and several handlers for a topic', async () => {
    const { broker, service } = await started();
    const person = await joinBus(broker.url);
    ends.push(() => person.leave());
    const event = topics.meterEvent.row.sample as MeterEvent;
    await person.say(topics.meterReading, { meter: 'bad' }, { ...sample, meter: 'bad' });
    await person.say(topics.meterReading, { meter: 'main' }, sample);
    await person.say(topics.meterEvent, { meter: 'main' }, event);
    const { seen } = service.get(Witness);
    await until('all three', () => seen.length === 3);
    expect(seen).toEqual([
      'energy/meter/bad/reading',
      'energy/meter/main/reading',
      'energy/meter/main/event',
    ]);
    expect(service.get(Echo).taken).toHaveLength(1);
    expect(service.context.counters.get('handlerErrors')).toBe(1);
  });

  test('counts and shows what breaks the contract, and goes on', async () => {
    const { broker, service } = await started();
    const person = await joinBus(broker.url);
    ends.push(() => person.leave());
    const rejected = await person.hear(topics.serviceRejected);
    await person.client.publishAsync('energy/meter/main/reading', '{"v":1,');
    await person.client.publishAsync(
      'energy/meter/main/reading',
      JSON.stringify({ ...sample, powerW: '431' }),
    );
    await person.say(topics.meterReading, { meter: 'bad' }, { ...sample, meter: 'bad' });
    await person.say(topics.meterReading, { meter: 'main' }, sample);
    await until('the good one', () => service.get(Echo).taken.length === 1);
    await until('both refusals', () => rejected.length === 2);
    expect(rejected[0]!.reason).toMatch(/^not JSON/);
    expect(rejected[1]!.reason).toMatch(/^powerW: /);
    expect(service.context.counters.get('messagesRejected')).toBe(2);
    expect(service.context.counters.get('handlerErrors')).toBe(1);
  });

  test('says how it is, retained, and that it stopped', async () => {
    const { broker, service } = await started();
    const person = await joinBus(broker.url);
    ends.push(() => person.leave());
    const health: ServiceHealth[] = await person.hear(topics.serviceHealth);
    await until('ready', () => health.some(({ state }) => state === 'ready'));
    service.context.condition.set('disk', 'the disk is full');
    await until('degraded', () => health.some(({ reason }) => reason === 'the disk is full'));
    await service.stop();
    await until('stopped', () => health.at(-1)?.state === 'stopped');
    expect(health.map(({ state }) => state)).toEqual(['ready', 'degraded', 'stopped']);
  });

  test('starts without a broker and finds it when it comes back', async () => {
    const { broker, service } = await started();
    await broker.stop();
    await until('the loss', () => !service.context.bus.connected);
    expect(
      service.context.bus.publish(topics.meterQuantity, { meter: 'm', quantity: 'powerW' }, '1'),
    ).toBe(false);
    const again = await startTestBroker(broker.port);
    ends.push(() => again.stop());
    const person = await joinBus(again.url);
    ends.push(() => person.leave());
    await until('the return', () => service.context.bus.connected);
    await until('a reading', async () => {
      await person.say(topics.meterReading, { meter: 'main' }, sample);
      return service.get(Echo).taken.length > 0;
    });
  });
});
