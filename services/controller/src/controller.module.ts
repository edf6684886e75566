import { Module } from '@nestjs/common';
import { ControlLoop } from './control-loop.js';
import { DevicesHandler } from './devices.handler.js';
import { ReadingsHandler } from './readings.handler.js';

@Module({ controllers: [ReadingsHandler, DevicesHandler], providers: [ControlLoop] })
export class ControllerModule {}
