import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { joinBus, testConfig, until } from '@wattbus/testing';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { DashboardServer, dashboard as definition } from '../src/index.js';
import { startWebSocketBroker, type WebSocketBroker } from './web-socket-broker.js';

const startDashboard = (
  broker: Pick<WebSocketBroker, 'tcpUrl' | 'webSocketUrl'>,
  dashboard: object = {},
): Promise<RunningService> =>
  startService(
    definition,
    testConfig({
      site: { name: 'Zuhause', zone: 'Europe/Berlin' },
      mqtt: { url: broker.tcpUrl, root: 'home', username: 'dashboard', password: 'secret-7' },
      dashboard: { port: 0, brokerWebSocketUrl: broker.webSocketUrl, ...dashboard },
      logLevel: 'fatal',
    }),
  );

/** Sends bytes as they are, which `fetch` would tidy up, and reads until the other end closes. */
async function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  socket.write(request);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(socket, 'close');
  return text;
}

const upgrade = (headers: readonly string[] = []): string =>
  [
    'GET /mqtt HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
    '\r\n',
  ].join('\r\n');

let broker: WebSocketBroker;
let dashboard: RunningService;
let url: string;

beforeAll(async () => {
  broker = await startWebSocketBroker();
  dashboard = await startDashboard(broker);
  url = dashboard.get(DashboardServer).url;
});
afterAll(async () => {
  await dashboard.stop();
  await broker.stop();
});

describe('files', () => {
  test.each([
    ['', 'text/html; charset=utf-8', '<!doctype html>'],
    ['index.html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['page.css', 'text/css; charset=utf-8', ':root'],
    ['icon.svg', 'image/svg+xml', '<svg'],
    ['script/main.js', 'text/javascript; charset=utf-8', 'import'],
    ['script/vendor/mqtt.js', 'text/javascript; charset=utf-8', 'export default'],
    ['script/vendor/uplot.js', 'text/javascript; charset=utf-8', 'export { uPlot as default }'],
    ['script/vendor/uplot.css', 'text/css; charset=utf-8', '.uplot'],
  ])('serves /%s as %s', async (path, type, part) => {
    const response = await fetch(url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(await response.text()).toContain(part);
  });

  test('come with headers that keep strangers out', async () => {
    const { headers } = await fetch(url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('hold no inline script and no inline style, which the policy would refuse', async () => {
    const html = await (await fetch(url)).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test('are not sent again while they are unchanged', async () => {
    const etag = (await fetch(`${url}page.css`)).headers.get('etag') ?? '';
    const again = await fetch(`${url}page.css`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const changed = await fetch(`${url}page.css`, { headers: { 'if-none-match': 'W/"x"' } });
    expect([changed.status, changed.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  });

  test('come zipped to those that can read it, and plain to the others', async () => {
    const plain = await fetch(`${url}page.css`, { headers: { 'accept-encoding': 'gzip;q=0, br' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const head =
      'GET /page.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n';
    const zipped = await raw(url, head);
    const body = Buffer.from(zipped.slice(zipped.indexOf('\r\n\r\n') + 4), 'latin1');
    expect(gunzipSync(body).toString()).toBe(await plain.text());
  });

  test.each([
    '/../package.json',
    '/script/../../package.json',
    '/script/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/..\\package.json',
    '/script/main.js.map',
    '/script//main.js',
    '/etc/passwd',
    '//etc/passwd',
    '/constructor',
    '/script/main.js%00.html',
  ])('outside of the page do not exist: %s', async (path) => {
    const answer = await raw(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toMatch(/"name"|root:/);
  });

  test('can only be read', async () => {
    const response = await fetch(url, { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await fetch(`${url}page.css`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('tell a strange host name nothing about the policy', async () => {
    const head =
      "GET / HTTP/1.1\r\nHost: x; script-src 'unsafe-inline'\r\nConnection: close\r\n\r\n";
    expect(await raw(url, head)).not.toContain('unsafe-inline');
  });
});

test('config.json has what the page needs and no secret', async () => {
  const response = await fetch(`${url}config.json`);
  const text = await response.text();
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(JSON.parse(text)).toMatchObject({
    v: 1,
    site: { name: 'Zuhause', zone: 'Europe/Berlin', language: 'auto' },
    currency: 'EUR',
    topics: { meterReading: 'home/meter/{meter}/reading', siteAnalysis: 'home/analysis' },
  });
  expect(text).not.toMatch(/secret-7|password|username|mqtt:\/\//);
});

describe('the WebSocket', () => {
  const webSocketUrl = (): string => `${url.replace('http', 'ws')}mqtt`;

  test('carries MQTT to the broker and back', async () => {
    const page = await joinBus(webSocketUrl(), 'home');
    const meter = await joinBus(broker.tcpUrl, 'home');
    const heard = await page.hear(topics.siteAnalysis);
    const { sample } = topics.siteAnalysis.row;
    await meter.say(topics.siteAnalysis, {}, sample);
    await until('the analysis at the page', () => heard.length > 0);
    expect(heard[0]).toEqual(sample);
    await page.leave();
    await meter.leave();
  });

  test('carries large binary payloads unchanged', async () => {
    const [one, other] = [await joinBus(webSocketUrl()), await joinBus(webSocketUrl())];
    const payload = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff));
    const heard: Buffer[] = [];
    other.client.on('message', (_, bytes) => heard.push(bytes));
    await other.client.subscribeAsync('blob');
    await one.client.publishAsync('blob', payload, { qos: 1 });
    await until('the payload', () => heard.length > 0);
    expect(heard[0]!.equals(payload)).toBe(true);
    await one.leave();
    await other.leave();
  });

  test('tells the broker who is at the other end, whatever a proxy header claims', async () => {
    const socket = new WebSocket(webSocketUrl(), 'mqtt', {
      origin: url.slice(0, -1),
      headers: { 'x-forwarded-for': '127.0.0.1, 198.51.100.7' },
    });
    await once(socket, 'open');
    expect(socket.protocol).toBe('mqtt');
    const { headers } = broker.upgrades.at(-1)!;
    expect(headers['x-forwarded-for']).toBe('198.51.100.7');
    expect(headers['x-forwarded-host']).toBe(new URL(url).host);
    expect(headers.origin).toBe(url.slice(0, -1));
    expect(headers.host).toBe(new URL(broker.webSocketUrl).host);
    socket.terminate();
  });

  test('is refused to a page from another site', async () => {
    const asked = broker.upgrades.length;
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect(await raw(url, upgrade([`Origin: ${origin}`]))).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(broker.upgrades.length).toBe(asked);
  });

  test('is nowhere else, and says so to those that do not upgrade', async () => {
    expect(await raw(url, upgrade().replace('/mqtt', '/other'))).toMatch(/^HTTP\/1\.1 404 /);
    expect((await fetch(`${url}mqtt`)).status).toBe(426);
  });

  test('is refused beyond the limit of pages, and free again when one leaves', async () => {
    // Connections that the far end takes and never answers.
    const silent = createServer((socket) => socket.on('error', () => socket.destroy()));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const full = await startDashboard({ ...broker, webSocketUrl: `ws://127.0.0.1:${port}/mqtt` });
    const fullUrl = full.get(DashboardServer).url;
    const pages = Array.from({ length: 200 }, () => {
      const page = connectTcp(Number(new URL(fullUrl).port), '127.0.0.1');
      page.on('error', () => page.destroy());
      page.write(upgrade());
      return page;
    });
    await until('200 open pages', async () => {
      const count = await new Promise<number>((resolve) =>
        silent.getConnections((_, open) => resolve(open)),
      );
      return count === 200;
    });
    expect(await raw(fullUrl, upgrade())).toMatch(/^HTTP\/1\.1 503 /);
    for (const page of pages) page.destroy();
    await full.stop();
    silent.close();
  });
});

describe('without a broker', () => {
  test('the page is there, its WebSocket says 502 and why, and comes back by itself', async () => {
    const first = await startWebSocketBroker();
    const running = await startDashboard({ ...broker, webSocketUrl: first.webSocketUrl });
    const pageUrl = running.get(DashboardServer).url;
    await first.stop();
    const answer = await raw(pageUrl, upgrade());
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).toContain(`no broker at ${first.webSocketUrl} (ECONNREFUSED)`);
    expect(running.context.condition.reason).toContain('check dashboard.brokerWebSocketUrl');
    expect((await fetch(pageUrl)).status).toBe(200);

    const second = await startWebSocketBroker({ port: Number(new URL(first.webSocketUrl).port) });
    const page = await joinBus(`${pageUrl.replace('http', 'ws')}mqtt`);
    expect(running.context.condition.reason).toBe('');
    await page.leave();
    await running.stop();
    await second.stop();
  });

  test('a page that comes again is taken to the next address', async () => {
    const away = await startWebSocketBroker();
    await away.stop();
    const running = await startDashboard({
      tcpUrl: broker.tcpUrl,
      webSocketUrl: `${away.webSocketUrl}, ${broker.webSocketUrl}`,
    });
    const pageUrl = running.get(DashboardServer).url;
    expect(await raw(pageUrl, upgrade())).toContain(`no broker at ${away.webSocketUrl}`);
    const page = await joinBus(`${pageUrl.replace('http', 'ws')}mqtt`);
    expect(running.context.condition.reason).toBe('');
    await page.leave();
    await running.stop();
  });
});

test('a port that is taken is named, with the setting that changes it', async () => {
  const port = Number(new URL(url).port);
  const config = testConfig({ dashboard: { port } });
  const start = new DashboardServer({ ...dashboard.context, config }).onApplicationBootstrap();
  await expect(start).rejects.toMatchObject({
    code: 'EADDRINUSE',
    setting: 'dashboard.port',
    message:
      `port ${port} on 127.0.0.1 is taken by another program; ` +
      'choose another with the setting dashboard.port',
  });
});
