import { Controller, Inject, Module } from '@nestjs/common';
import { topics } from '@wattbus/mqtt-contract';
import { OnTopic, type Message, type ServiceDefinition } from '@wattbus/nest-mqtt';
import { SimulatedMeter } from './simulated-meter.js';
import { SmartPlug } from './smart-plug.js';

@Controller()
class CommandsHandler {
  constructor(@Inject(SmartPlug) private readonly plug: SmartPlug) {}

  @OnTopic(topics.tasmotaCommand)
  take({ params, payload }: Message<string>): void {
    this.plug.take(params['device']!, params['command']!, payload);
  }
}

@Module({ controllers: [CommandsHandler], providers: [SmartPlug, SimulatedMeter] })
class MeterSimulatorModule {}

export const meterSimulator: ServiceDefinition = {
  role: 'meter-simulator',
  module: MeterSimulatorModule,
};
