import { HTTP_LIMITS, isLoopback, type TlsIdentity } from '@wattbus/nest-mqtt';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Origin } from './connection.js';

/** Where the broker listens, and for whom. */
export interface Listener {
  readonly kind: 'tcp' | 'webSocket';
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Let clients on this machine in without a password; never applies beyond loopback. */
  readonly anonymous: boolean;
  /** Encrypted with this certificate. */
  readonly tls?: TlsIdentity;
}

export interface OpenListener {
  readonly kind: Listener['kind'];
  readonly encrypted: boolean;
  readonly host: string;
  readonly port: number;
  /** Takes no more connections; resolves when all have ended. */
  close(): Promise<void>;
  /** Ends those that have not got so far as to be a client. */
  cut(): void;
}

export interface ListenerOptions {
  readonly connectionsMax: number;
  readonly packetBytesMax: number;
  readonly accept: (stream: Duplex, origin: Origin) => void;
  /** A connection was turned away before it could say anything. */
  readonly onFull: () => void;
}

export const WEB_SOCKET_PATH = '/mqtt';
/** MQTT 3.1.1 §6: the subprotocol's name. */
const SUBPROTOCOL = 'mqtt';
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
const TLS_OPTIONS = { handshakeTimeout: 10_000, minVersion: 'TLSv1.2' } as const;

/** Rejects where the port is taken or the address is none of this machine. */
export function openListener(listener: Listener, options: ListenerOptions): Promise<OpenListener> {
  return listener.kind === 'tcp' ? openTcp(listener, options) : openWebSocket(listener, options);
}

async function openTcp(listener: Listener, options: ListenerOptions): Promise<OpenListener> {
  const accept = (socket: Socket): void => {
    const address = socket.remoteAddress;
    if (address === undefined) return void socket.destroy();
    options.accept(socket, {
      address,
      forwardedFor: null,
      mayBeAnonymous: listener.anonymous && isLoopback(listener.host) && isLoopback(address),
    });
  };
  const { tls } = listener;
  const server = tls
    ? createTlsServer({ ...SOCKET_OPTIONS, ...TLS_OPTIONS, ...tls }, accept)
    : createServer(SOCKET_OPTIONS, accept);
  server.maxConnections = options.connectionsMax;
  server.on('drop', options.onFull);
  return listening(server, listener, () => undefined);
}

async function openWebSocket(listener: Listener, options: ListenerOptions): Promise<OpenListener> {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A message holds one packet or more; several small ones may come together.
    maxPayload: 2 * options.packetBytesMax,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const http = { ...SOCKET_OPTIONS, ...HTTP_LIMITS };
  const answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
    response.end(`MQTT over WebSocket is at ${WEB_SOCKET_PATH}\n`);
  };
  const { tls } = listener;
  const server = tls
    ? createHttpsServer({ ...http, ...TLS_OPTIONS, ...tls }, answer)
    : createHttpServer(http, answer);
  server.maxConnections = options.connectionsMax;
  server.on('drop', options.onFull);
  server.on('upgrade', (request, socket: Socket, head) => {
    const fault = upgradeFault(request);
    if (fault !== null) {
      socket.on('error', () => socket.destroy());
      socket.end(`HTTP/1.1 ${fault}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket);
      options.accept(stream, webOrigin(listener, request));
    });
  });
  return listening(server, listener, () => {
    for (const one of sockets.clients) one.terminate();
    server.closeAllConnections();
  });
}

function upgradeFault(request: IncomingMessage): string | null {
  const path = request.url?.split('?')[0];
  if (path !== WEB_SOCKET_PATH) return '404 Not Found';
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  const speaksMqtt = offered.split(',').some((one) => one.trim() === SUBPROTOCOL);
  return speaksMqtt ? null : '400 Bad Request';
}

/**
 * Any page in a browser may open a WebSocket to this machine, and a proxy's connections come from
 * the proxy. So without a password only a page and a person on this machine are let in: headers
 * that say otherwise take the right away, and none can give it.
 */
function webOrigin(listener: Listener, request: IncomingMessage): Origin {
  const address = request.socket.remoteAddress ?? '';
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const page = request.headers.origin;
  return {
    address,
    forwardedFor: forwarded[0] ?? null,
    mayBeAnonymous:
      listener.anonymous &&
      isLoopback(listener.host) &&
      [address, ...forwarded].every(isLoopback) &&
      (page === undefined || isLoopback(hostOf(page))),
  };
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}

function listening(
  server: TcpServer | Server,
  { kind, host, port, tls }: Listener,
  end: () => void,
): Promise<OpenListener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        kind,
        encrypted: tls !== undefined,
        host,
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            end();
          }),
        cut: () => {
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}
