import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { Routes } from './routes.js';

const { energyAnalysis, meterReading, replayPage, serviceHealth, tasmotaTelemetry } = topics;
const routes = new Routes('home/energy', [
  { topic: meterReading, handler: 'reading' },
  { topic: energyAnalysis, handler: 'first' },
  { topic: energyAnalysis, handler: 'second' },
  { topic: replayPage, handler: 'page' },
  { topic: serviceHealth, where: { service: 'analyzer' }, handler: 'health' },
  { topic: tasmotaTelemetry, handler: 'telemetry' },
]);

test.each([
  [meterReading.topic('home/energy', { meter: 'main' }), ['reading'], { meter: 'main' }],
  // The last level is a parameter, which may be named as another topic's last level.
  [
    replayPage.topic('home/energy', { meter: 'main', consumer: 'reading' }),
    ['page'],
    { meter: 'main', consumer: 'reading' },
  ],
  [energyAnalysis.topic('home/energy', { meter: 'pv' }), ['first', 'second'], { meter: 'pv' }],
])('%s has its handlers', (name, handlers, params) => {
  expect(routes.of(name)).toMatchObject({ handlers, params });
});

test('topics of other programs do not lie under the root', () => {
  const name = tasmotaTelemetry.topic('', { device: 'boiler', telemetry: 'SENSOR' });
  expect(routes.of(name)).toMatchObject({ handlers: ['telemetry'], params: { device: 'boiler' } });
});

test('a fixed parameter keeps others out', () => {
  const health = (service: string): string =>
    serviceHealth.topic('home/energy', { service, instance: 'a1' });
  expect(routes.of(health('analyzer'))).toMatchObject({ handlers: ['health'] });
  expect(routes.of(health('historian'))).toBeNull();
});

test.each(['', 'reading', 'energy/meter/main/reading', 'home/energy/meter/main/reading/x'])(
  'nobody handles %j',
  (name) => {
    expect(routes.of(name)).toBeNull();
  },
);
