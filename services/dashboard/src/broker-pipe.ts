import { explainTls, type ServiceContext } from '@wattbus/nest-mqtt';
import { addressesOf } from '@wattbus/service-config';
import type { IncomingMessage } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** Pages at the same time; a page needs one connection. */
export const PIPES_MAX = 200;
/** So long the broker may take to say its first byte. */
const ANSWER_MS_MAX = 10_000;

/** Headers that are said anew for the next hop; all others pass as they came. */
const ownHeaders = new Set(['host', 'x-forwarded-for', 'x-forwarded-host']);

type Context = Pick<ServiceContext, 'counters' | 'condition' | 'log'>;

/**
 * Passes WebSocket connections on to the broker without looking into them.
 *
 * The broker learns for whom the connection is (`x-forwarded-for`) and from which site the script
 * came (`origin`), so it can ask people from outside for a password although this process is near.
 */
export class BrokerPipe {
  /** The first one is asked; it goes to the end when it does not answer. */
  readonly #urls: URL[];
  readonly #ca: string | undefined;
  readonly #service: Context;
  readonly #open = new Set<Duplex>();

  /** `ca`: PEM of who may have signed the broker's certificate; default: Node's. */
  constructor({ url, ca }: { url: string; ca?: string | undefined }, service: Context) {
    this.#urls = addressesOf(url).map((one) => new URL(one));
    this.#ca = ca;
    this.#service = service;
  }

  /** Takes an upgrade request over; the socket is answered and closed here. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!isOwnPage(request)) {
      return this.#refuse(socket, '403 Forbidden', 'this page comes from another site');
    }
    if (this.#open.size >= PIPES_MAX) {
      return this.#refuse(socket, '503 Service Unavailable', `${PIPES_MAX} pages are open already`);
    }
    this.#open.add(socket);
    const url = this.#urls[0]!;
    const broker = this.#connect(url);
    let isGone = false;
    const gone = (reason: string): void => {
      if (isGone) return;
      isGone = true;
      broker.destroy();
      if (broker.bytesRead > 0 || socket.destroyed) socket.destroy();
      else this.#brokerAway(socket, url, reason);
    };
    broker.setNoDelay(true);
    broker.setTimeout(ANSWER_MS_MAX, () => gone('it does not answer'));
    broker.once('data', () => {
      broker.setTimeout(0);
      this.#service.condition.set('broker-websocket', null);
      this.#service.counters.add('pagesConnected');
    });
    broker.on('error', (error: NodeJS.ErrnoException) =>
      gone(explainTls(error) ?? error.code ?? error.message),
    );
    broker.on('close', () => gone('it closed the connection'));
    socket.on('close', () => {
      this.#open.delete(socket);
      broker.destroy();
    });
    broker.write(this.#head(url, request));
    broker.write(head);
    socket.pipe(broker).pipe(socket);
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #connect({ protocol, hostname, port }: URL): Socket {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (protocol === 'ws:') return connectTcp({ host, port: Number(port || 80) });
    const servername = isIP(host) ? {} : { servername: host };
    const ca = this.#ca === undefined ? {} : { ca: this.#ca };
    return connectTls({ host, port: Number(port || 443), ...servername, ...ca });
  }

  /** RFC 9112 §3: the request again, with the broker's host and the address it came from. */
  #head(url: URL, request: IncomingMessage): string {
    const forwardedHost = request.headers['x-forwarded-host'] ?? request.headers.host ?? '';
    const lines = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `host: ${url.host}`,
      `x-forwarded-for: ${clientAddress(request)}`,
      `x-forwarded-host: ${String(forwardedHost)}`,
    ];
    const raw = request.rawHeaders;
    for (let i = 0; i < raw.length; i += 2) {
      if (!ownHeaders.has(raw[i]!.toLowerCase())) lines.push(`${raw[i]}: ${raw[i + 1]}`);
    }
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  /** The page comes again by itself, and is then taken to the next address. */
  #brokerAway(socket: Duplex, url: URL, reason: string): void {
    if (this.#urls[0] === url) this.#urls.push(this.#urls.shift()!);
    const text = `no broker at ${url.origin}${url.pathname} (${reason})`;
    this.#service.condition.set('broker-websocket', `${text}: check dashboard.brokerWebSocketUrl`);
    this.#service.log.limited('warn', 'broker-websocket', text);
    this.#refuse(socket, '502 Bad Gateway', text);
  }

  #refuse(socket: Duplex, status: string, text: string): void {
    this.#service.counters.add('pagesRefused');
    socket.unpipe();
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(text) + 1}\r\n\r\n${text}\n`,
    );
  }
}

/**
 * Any site may make a browser open a WebSocket to this machine (RFC 6455 §10.2), so a browser's
 * origin has to be the host that it asks. Other programs send no origin.
 */
function isOwnPage({ headers }: IncomingMessage): boolean {
  const { origin } = headers;
  if (origin === undefined) return true;
  const from = URL.canParse(origin) ? new URL(origin).host : null;
  const asked = [headers.host, headers['x-forwarded-host']].flat();
  return from !== null && asked.some((host) => host?.toLowerCase() === from);
}

/**
 * Who is at the far end. A proxy's word counts only towards "from outside": anybody can write
 * 127.0.0.1 into the header, so the nearest address that is not this machine stands.
 */
function clientAddress({ headers, socket }: IncomingMessage): string {
  const peer = socket.remoteAddress ?? 'unknown';
  const chain = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const hops = [...chain.map((hop) => hop.trim()).filter((hop) => hop !== ''), peer];
  const outside = hops.filter((hop) => !/^(::ffff:)?127\.|^::1$/.test(hop)).at(-1) ?? peer;
  return outside.replace(/[^A-Za-z0-9.:%_[\]-]/g, '');
}
