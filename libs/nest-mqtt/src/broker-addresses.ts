import { addressesOf } from '@wattbus/service-config';
import type { IClientOptions } from 'mqtt';

/**
 * Which of the broker's addresses a client connects to: each new attempt goes to the next one.
 *
 * The client library has a list of its own, but keeps the first server's path and the name that is
 * expected in its certificate.
 */
export class BrokerAddresses {
  readonly #urls: readonly string[];
  #at = 0;

  constructor(setting: string) {
    this.#urls = addressesOf(setting);
  }

  get current(): string {
    return this.#urls[this.#at]!;
  }

  /** Points the options of a client that is about to connect again at the next address. */
  next(options: IClientOptions): void {
    if (this.#urls.length === 1) return;
    this.#at = (this.#at + 1) % this.#urls.length;
    const { protocol, hostname, port, pathname, search } = new URL(this.current);
    const isWebSocket = protocol.startsWith('ws');
    const host = hostname.replace(/^\[|\]$/g, '');
    Object.assign(options, {
      protocol: protocol.slice(0, -1),
      host,
      hostname: host,
      port: port === '' ? undefined : Number(port),
      path: isWebSocket ? `${pathname}${search}` : undefined,
      servername: undefined,
    });
  }
}
