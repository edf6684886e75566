import { z } from 'zod';
import { people, topic } from './topic.js';

/** Topics of other programs, as their makers define them; they do not lie under the root. */
export const deviceTopics = {
  tasmotaCommand: topic({
    path: 'cmnd/{device}/{command}',
    absolute: true,
    about: 'Tasmota: a command to a device (`POWER`, `PulseTime1`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: false,
    publishedBy: ['controller', 'operator', 'admin'],
    subscribedBy: ['device', 'meter-simulator'],
    sample: 'OFF',
  }),
  tasmotaResult: topic({
    path: 'stat/{device}/{result}',
    absolute: true,
    about: 'Tasmota: what a device answers (`POWER`, `RESULT`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: false,
    publishedBy: ['device', 'meter-simulator'],
    subscribedBy: ['controller', ...people],
    sample: 'OFF',
  }),
  tasmotaTelemetry: topic({
    path: 'tele/{device}/{telemetry}',
    absolute: true,
    about: 'Tasmota: what a device tells unasked (`LWT`, `STATE`, `SENSOR`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: true,
    publishedBy: ['device', 'meter-simulator'],
    subscribedBy: ['controller', ...people],
    sample: 'Online',
  }),
} as const;
