import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { BrokerModule } from './broker.module.js';

export const broker: ServiceDefinition = { role: 'broker', module: BrokerModule };
export { BrokerService } from './broker.service.js';
export { hashPassword, verifyPassword } from './password.js';
export { readUsers, UsersFile } from './users-file.js';
