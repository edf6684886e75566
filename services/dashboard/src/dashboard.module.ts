import { Module } from '@nestjs/common';
import { DashboardServer } from './dashboard-server.js';

@Module({ providers: [DashboardServer] })
export class DashboardModule {}
