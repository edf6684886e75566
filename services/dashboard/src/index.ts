import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { DashboardModule } from './dashboard.module.js';

export { DashboardServer } from './dashboard-server.js';

export const dashboard: ServiceDefinition = { role: 'dashboard', module: DashboardModule };
