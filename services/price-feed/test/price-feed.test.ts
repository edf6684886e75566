import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { slotsOfPrices, topics } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  until,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { priceFeed } from '../src/index.js';

const QUARTER_MS = 900_000;
let broker: TestBroker;
let person: Person;
let server: Server;
let running: RunningService[] = [];
let asked: IncomingMessage[] = [];
/** What the server answers next: the last one again and again. */
let answers: { readonly status: number; readonly body: string }[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
  person = await joinBus(broker.url);
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    const { status, body } = answers.length > 1 ? answers.shift()! : answers[0]!;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const service of running) await service.stop();
  running = [];
  await person.leave();
  await broker.stop();
  await new Promise((resolve) => server.close(resolve));
});

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices`;

async function start(prices: Record<string, unknown>): Promise<RunningService> {
  const config = testConfig({ mqtt: { url: broker.url }, site: { zone: 'Europe/Paris' }, prices });
  const service = await startService(priceFeed, config);
  running.push(service);
  return service;
}

const quarter = (offset: number): Date =>
  new Date((Math.floor(Date.now() / QUARTER_MS) + offset) * QUARTER_MS);

const jsonOf = (prices: readonly number[]): string =>
  JSON.stringify({
    prices: prices.map((price, i) => ({ start: quarter(i), end: quarter(i + 1), price })),
  });

test('JSON over HTTP comes onto the bus, is kept there, and a repeat is not said again', async () => {
  answers = [{ status: 200, body: jsonOf([120, 80]) }];
  const heard = await person.hear(topics.marketPrices, { direction: 'import' });
  const prices = { kind: 'http', url: url(), token: 'secret', divideBy: 1_000, everyMin: 1 };
  const first = await start(prices);
  const message = await until('the prices are said', () => heard[0]);
  expect(message).toMatchObject({ unit: 'EUR/kWh', source: new URL(url()).host });
  expect(slotsOfPrices(message).map(({ price }) => price)).toEqual([0.12, 0.08]);
  expect(asked[0]!.headers.authorization).toBe('Bearer secret');
  await first.stop();
  running = [];
  const second = await start(prices);
  await until('it has asked again', () => second.context.counters.get('fetches') > 0);
  const late = await joinBus(broker.url);
  const kept = await late.hear(topics.marketPrices);
  await until('the bus has kept them', () => kept.length > 0);
  expect(kept).toEqual([message]);
  await late.leave();
});

test('a server that fails makes the service degraded, then an alert, and is asked again', async () => {
  answers = [{ status: 503, body: 'busy' }];
  const alerts = await person.hear(topics.serviceAlert);
  const staleAfterMin = 1;
  const service = await start({ kind: 'http', url: url(), staleAfterMin, everyMin: 1 });
  await until('it has failed', () => service.context.counters.get('fetchFailures') > 0);
  expect(service.context.condition.reason).toContain('the server answers 503');
  expect(alerts.some(({ active }) => active)).toBe(false);
});

test('negative prices raise an alert', async () => {
  answers = [{ status: 200, body: jsonOf([-0.02, -0.01, 0.1]) }];
  const alerts = await person.hear(topics.serviceAlert, { service: 'price-feed' });
  await start({ kind: 'http', url: url() });
  const alert = await until('the alert', () => alerts.find(({ active }) => active));
  expect(alert).toMatchObject({ active: true, severity: 'warning' });
  expect(alert.text).toContain(quarter(2).toISOString());
});

test('a document of ENTSO-E comes onto the bus, asked for by area and token', async () => {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
    <Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">
      <TimeSeries>
        <currency_Unit.name>EUR</currency_Unit.name>
        <price_Measure_Unit.name>MWH</price_Measure_Unit.name>
        <curveType>A03</curveType>
        <Period>
          <timeInterval><start>${quarter(0).toISOString()}</start><end>${quarter(4).toISOString()}</end></timeInterval>
          <resolution>PT15M</resolution>
          <Point><position>1</position><price.amount>85.00</price.amount></Point>
          <Point><position>3</position><price.amount>-12.50</price.amount></Point>
        </Period>
      </TimeSeries>
    </Publication_MarketDocument>`;
  answers = [{ status: 200, body }];
  const heard = await person.hear(topics.marketPrices);
  await start({ kind: 'entsoe', url: url(), area: '10YFR-RTE------C', token: 't0k3n' });
  const message = await until('the prices are said', () => heard[0]);
  expect(slotsOfPrices(message).map(({ price }) => price)).toEqual([
    0.085, 0.085, -0.0125, -0.0125,
  ]);
  const query = new URL(asked[0]!.url!, url()).searchParams;
  expect(query.get('in_Domain')).toBe('10YFR-RTE------C');
  expect(query.get('securityToken')).toBe('t0k3n');
  expect(query.get('periodStart')).toMatch(/^\d{8}0000$/);
  expect(JSON.stringify(message)).not.toContain('t0k3n');
});

test('what is no XML and no CSV is told with its place', async () => {
  answers = [{ status: 200, body: '<a>\n<b></a>' }];
  const service = await start({ kind: 'entsoe', url: url(), area: '10YFR-RTE------C', token: 't' });
  await until('it is refused', () => service.context.condition.reason !== '');
  expect(service.context.condition.reason).toMatch(/no XML, line 2, column \d+/);
  const file = join(mkdtempSync(join(tmpdir(), 'wattbus-prices-')), 'prices.csv');
  writeFileSync(file, 'time;price_mwh\n2026-01-01 00:00;85,0\n2026-01-01 01:00;much\n');
  const csv = await start({ kind: 'csv', file });
  await until('the file is refused', () => csv.context.condition.reason !== '');
  expect(csv.context.condition.reason).toContain('prices.csv:3:18: "much" is no price');
});

test('prices that another program says are watched and not said over', async () => {
  const service = await start({ kind: 'mqtt' });
  const alerts = await person.hear(topics.serviceAlert);
  await until('it is there', () => service.context.bus.connected);
  const slots = [{ start: quarter(0).toISOString(), end: quarter(1).toISOString(), value: -0.1 }];
  await person.say(topics.marketPrices, { direction: 'import' }, slots);
  await until('the alert', () => alerts.some(({ active }) => active));
  expect(service.context.counters.get('fetches')).toBe(0);
});
