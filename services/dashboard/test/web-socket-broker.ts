import { Aedes, type AuthenticateError } from 'aedes';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface WebSocketBroker {
  readonly webSocketUrl: string;
  readonly tcpUrl: string;
  /** The upgrade requests as they arrived. */
  readonly upgrades: readonly IncomingMessage[];
  /** Cuts the pages off and refuses them until `port` is listened on again. */
  stop(): Promise<void>;
}

export interface BrokerOptions {
  /** Over WebSocket only this account comes in. */
  readonly account?: { readonly username: string; readonly password: string };
  readonly port?: number;
}

/** A real Aedes on a real WebSocket and a TCP socket; the latter lets everybody in. */
export async function startWebSocketBroker(options: BrokerOptions = {}): Promise<WebSocketBroker> {
  const aedes = await Aedes.createBroker();
  aedes.on('client', (client) => {
    Object.assign(client, { duplicates: new Proxy({}, { get: () => -1, set: () => true }) });
  });
  aedes.authenticate = (client, username, password, done) => {
    const { account } = options;
    const fits =
      !account ||
      !client.id.startsWith('page-') ||
      (username === account.username && String(password) === account.password);
    if (fits) return done(null, true);
    // MQTT 3.1.1 §3.2.2.3: 4 bad user name or password, 5 not authorized.
    const refusal = Object.assign(new Error('refused'), { returnCode: username ? 4 : 5 });
    done(refusal as AuthenticateError, null);
  };
  const tcp = createTcpServer(aedes.handle);
  const http = createServer();
  const upgrades: IncomingMessage[] = [];
  const webSocket = new WebSocketServer({ server: http, path: '/mqtt' });
  webSocket.on('connection', (socket, request) => {
    upgrades.push(request);
    const stream = createWebSocketStream(socket);
    stream.on('error', () => stream.destroy());
    aedes.handle(stream);
  });
  const [tcpPort, port] = await Promise.all([listen(tcp, 0), listen(http, options.port ?? 0)]);
  return {
    webSocketUrl: `ws://127.0.0.1:${port}/mqtt`,
    tcpUrl: `mqtt://127.0.0.1:${tcpPort}`,
    upgrades,
    stop: async () => {
      for (const socket of webSocket.clients) socket.terminate();
      webSocket.close();
      http.closeAllConnections();
      await Promise.all([closed(http), closed(tcp, () => aedes.close())]);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const closed = (server: Server, also: () => void = () => undefined): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    also();
  });
