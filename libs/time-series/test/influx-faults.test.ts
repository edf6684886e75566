import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestInfluxdb, until, type TestInfluxdb } from '@wattbus/testing';
import { openInfluxStore, type Cursor, type Point, type TimeSeriesStore } from '../src/index.js';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const DAY_MS = 86_400_000;
const START_MS = Date.now() - DAY_MS;

const point = (seq: number, powerW = seq): Point => ({
  measurement: 'reading',
  tags: { meter: 'main', medium: 'electricity', role: 'grid' },
  fields: { seq, epoch: 'e1', powerW },
  atMs: START_MS + seq * 1000,
});
const points = (from: number, to: number): Point[] =>
  Array.from({ length: to - from }, (_, i) => point(from + i));
const cursor = (seq: number): Cursor => ({ meter: 'main', epoch: 'e1', seq });

let influxdb: TestInfluxdb;
let database = '';
let store: TimeSeriesStore;
let made = 0;

const open = (more: Partial<Parameters<typeof openInfluxStore>[0]> = {}): TimeSeriesStore =>
  openInfluxStore({ url: influxdb.url, database, timeoutMs: 10_000, retentionDays: 0, ...more });

async function query(text: string): Promise<string> {
  const body = new URLSearchParams({ q: text, db: database });
  return (await fetch(`${influxdb.url}/query`, { method: 'POST', body })).text();
}

async function storedSeqs(): Promise<number[]> {
  const found = await store.points({
    measurement: 'reading',
    tags: { meter: 'main' },
    fromMs: 0,
    toMs: Date.now() * 2,
    limit: 5_000,
  });
  if (found.outcome !== 'found') throw new Error(found.reason);
  return found.value.map(({ fields }) => Number(fields['seq']));
}

beforeAll(async () => {
  influxdb = await startTestInfluxdb();
});
afterAll(() => influxdb.stop());
beforeEach(() => {
  database = `faults-${(made += 1)}`;
  store = open();
});

describe('InfluxDB that fails', () => {
  test('is asked again at once when it is back, with nothing lost or doubled', async () => {
    await store.write({ points: points(1, 101), cursors: [cursor(100)] });
    await influxdb.kill();
    const batch = { points: points(101, 201), cursors: [cursor(200)] };
    for (let i = 0; i < 5; i += 1) {
      const outcome = await store.write(batch);
      // A client that has put its host aside would say "No host available" here.
      expect(outcome).toMatchObject({
        outcome: 'retry',
        reason: expect.stringMatching(/ECONNREFUSED|hang up|RESET/),
      });
    }
    expect(await store.readCursors()).toMatchObject({ outcome: 'retry' });
    await influxdb.restart();
    expect(await store.write(batch)).toEqual({ outcome: 'committed', rejected: [] });
    expect(await store.readCursors()).toEqual({ outcome: 'found', value: [cursor(200)] });
    expect(await storedSeqs()).toEqual(points(1, 201).map(({ fields }) => fields['seq']));
  });

  test('is given up after the time limit when it takes the call and says nothing', async () => {
    store = open({ timeoutMs: 300 });
    await until('first commit', async () => {
      return (await store.write({ points: [point(1)], cursors: [] })).outcome === 'committed';
    });
    await influxdb.freeze();
    const outcome = await store.write({ points: [point(2)], cursors: [cursor(2)] });
    await influxdb.thaw();
    expect(outcome).toMatchObject({ outcome: 'retry' });
    expect(await open().readCursors()).not.toMatchObject({ value: [cursor(2)] });
  });

  test('is given up when it dies between the headers and the end of an answer', async () => {
    const dying: Server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"results":');
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>((resolve) => dying.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(dying.address() as AddressInfo).port}`;
    store = open({ url, timeoutMs: 400 });
    const outcome = await store.readCursors();
    dying.close();
    expect(outcome).toEqual({ outcome: 'retry', reason: 'no answer within 400 ms' });
  });

  test('gets its database back when somebody has dropped it', async () => {
    await store.write({ points: [point(1)], cursors: [] });
    await query(`DROP DATABASE "${database}"`);
    expect(await store.write({ points: [point(2)], cursors: [] })).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/database not found/),
    });
    const outcome = await store.write({ points: [point(2)], cursors: [cursor(2)] });
    expect(outcome).toEqual({ outcome: 'committed', rejected: [] });
  });
});

describe('a batch that InfluxDB refuses', () => {
  test('is halved down to the offending points; all others are committed', async () => {
    await store.write({ points: [point(0)], cursors: [] });
    // Another program wrote a field of ours with a type of its own, in two shards.
    const line = (seq: number): string =>
      `reading,meter=main,medium=electricity,role=grid powerFactor="bad" ${START_MS + seq * 1000}`;
    const url = `${influxdb.url}/write?db=${database}&precision=ms`;
    expect((await fetch(url, { method: 'POST', body: line(0) })).status).toBe(204);
    const bad: Point[] = [37, 38, 499].map((seq) => ({
      ...point(seq),
      fields: { ...point(seq).fields, powerFactor: 0.5 },
    }));
    const batch = points(1, 501).map((good) => bad.find(({ atMs }) => atMs === good.atMs) ?? good);
    const outcome = await store.write({ points: batch, cursors: [cursor(500)] });
    if (outcome.outcome !== 'committed') throw new Error(outcome.reason);
    expect(outcome.rejected.map((rejected) => rejected.point)).toEqual(bad);
    expect(outcome.rejected[0]!.reason).toMatch(/field type conflict/);
    const refused = bad.map(({ fields }) => fields['seq']);
    const good = points(0, 501).map(({ fields }) => fields['seq']);
    expect(await storedSeqs()).toEqual(good.filter((seq) => !refused.includes(seq!)));
    expect(await store.readCursors()).toEqual({ outcome: 'found', value: [cursor(500)] });
  });
});

describe('retention', () => {
  test('is set as configured; cursors stay for ever and points too old are rejected', async () => {
    store = open({ retentionDays: 30 });
    const old = { ...point(1), atMs: Date.now() - 31 * DAY_MS };
    const outcome = await store.write({ points: [old, point(2)], cursors: [cursor(2)] });
    expect(outcome).toEqual({
      outcome: 'committed',
      rejected: [{ point: old, reason: 'older than the 30 days that the store keeps' }],
    });
    store = open({ retentionDays: 30 });
    expect(await store.readCursors()).toEqual({ outcome: 'found', value: [cursor(2)] });
    expect(await query(`SHOW RETENTION POLICIES ON "${database}"`)).toMatch(/"720h0m0s"/);
  });
});

describe('InfluxDB with accounts', () => {
  test('a wrong password is a reason to try again, never to reject points', async () => {
    const guarded = await startTestInfluxdb({ auth: true });
    const account = { username: 'historian', password: 'two words & "more"' };
    const body = new URLSearchParams({
      q: `CREATE USER historian WITH PASSWORD '${account.password}' WITH ALL PRIVILEGES`,
    });
    await fetch(`${guarded.url}/query`, { method: 'POST', body });
    const batch = { points: [point(1)], cursors: [cursor(1)] };
    const { url } = guarded;
    const wrong = await open({ url, ...account, password: 'wrong' }).write(batch);
    const none = await open({ url }).write(batch);
    const right = await open({ url, ...account }).write(batch);
    await guarded.stop();
    expect(wrong).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/authorization failed/),
    });
    expect(none).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/username required/),
    });
    expect(right).toEqual({ outcome: 'committed', rejected: [] });
  });
});
