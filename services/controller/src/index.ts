import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { ControllerModule } from './controller.module.js';

export const controller: ServiceDefinition = { role: 'controller', module: ControllerModule };
