import {
  Inject,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import {
  HTTP_LIMITS,
  readCa,
  readTlsIdentity,
  SERVICE,
  type ServiceContext,
} from '@wattbus/nest-mqtt';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { acceptsGzip, loadAssets, type Asset } from './assets.js';
import { BrokerPipe } from './broker-pipe.js';
import { pageConfigOf } from './page-config.js';

const CONNECTIONS_MAX = 1_000;
/** The page lies under this path and its neighbours, so it also works below a proxy's prefix. */
const PIPE_PATH = '/mqtt';
const CONFIG_PATH = '/config.json';

/**
 * No inline script or style, nothing from another host, no frame around the page. `ws:` stands
 * there by host, because not every browser counts WebSockets of the same host as 'self'.
 */
const contentPolicy = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Serves the page over HTTP or HTTPS and passes its WebSocket on to the broker. */
export class DashboardServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #assets: ReadonlyMap<string, Asset>;
  readonly #pipe: BrokerPipe;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
    this.#assets = loadAssets();
    const { dashboard, mqtt } = service.config;
    const ca = mqtt.caFile && readCa('mqtt.caFile', mqtt.caFile);
    this.#pipe = new BrokerPipe({ url: dashboard.brokerWebSocketUrl, ca }, service);
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    this.#server = dashboard.tls
      ? createTlsServer(
          { ...HTTP_LIMITS, ...readTlsIdentity('dashboard.tls', dashboard.tls) },
          answer,
        )
      : createServer(HTTP_LIMITS, answer);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('upgrade', (request, socket, head) => {
      if (pathOf(request) === PIPE_PATH) this.#pipe.open(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
  }

  /** Where the page is, with the port that was really taken. */
  get url(): string {
    const { host, tls } = this.#service.config.dashboard;
    const { port } = this.#server.address() as AddressInfo;
    return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.#service.config.dashboard;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(explainListen(error, host, port)));
      this.#server.listen(port, host, resolve);
    });
    this.#service.log.write('info', 'the page is ready', { url: this.url });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#pipe.close();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      // More than closeAllConnections(), which does not know those that are shaking hands.
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('content-security-policy', contentPolicy(hostOf(request)));
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return sendText(response, 405, 'method not allowed');
    }
    const path = pathOf(request);
    if (path === CONFIG_PATH) return this.#sendConfig(response);
    if (path === PIPE_PATH) return sendText(response, 426, 'MQTT over WebSocket is spoken here');
    const asset = this.#assets.get(path);
    if (!asset) return sendText(response, 404, 'not found');
    sendAsset(request, response, asset);
  }

  #sendConfig(response: ServerResponse): void {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(`${JSON.stringify(pageConfigOf(this.#service.config))}\n`);
  }
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  response.setHeader('etag', asset.etag);
  // Checked on each visit, so that an update shows at once; unchanged files cost a 304 only.
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  const zipped = acceptsGzip(request.headers['accept-encoding']) ? asset.gzip : null;
  const body = zipped ?? asset.body;
  if (zipped) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-type', asset.type);
  response.setHeader('content-length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** The path as it came: files are looked up by exact name, so nothing needs to be resolved. */
const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?')[0]!;

/** The host for the policy; what is no plain host name must not get into a header. */
function hostOf(request: IncomingMessage): string {
  const host = request.headers.host ?? '';
  return /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9A-Fa-f:.]+\](:\d+)?$/.test(host) ? host : 'localhost';
}

function explainListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is taken by another program; choose another with the setting dashboard.port',
    EACCES: 'may not be opened by this user; choose one above 1023 with dashboard.port',
    EADDRNOTAVAIL: 'cannot be opened: this machine has no such address, see dashboard.host',
  };
  const reason = reasons[error.code ?? ''] ?? `cannot be opened: ${error.message}`;
  return Object.assign(new Error(`port ${port} on ${host} ${reason}`), {
    code: error.code,
    setting: 'dashboard.port',
  });
}
