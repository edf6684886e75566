import { mqttMeterKindNamed, MqttMeterReader } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { backOffMs } from './domain/back-off.js';
import { MeterDesk, type ReaderParts } from './meter-desk.js';

export type HttpConfig = NonNullable<MeterConfig['http']>;

/** Devices at home answer in some 50 ms. */
const ANSWER_MS_MAX = 5_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** The reader knows answers by the topic that carries them where a bridge publishes them. */
const DEVICE = 'http';

/** A device that is asked over HTTP: answers → telegrams. */
export class HttpSource {
  readonly #http: HttpConfig;
  readonly #reader: MqttMeterReader;
  readonly #topic: string;
  readonly #desk: MeterDesk;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;

  constructor(meter: MeterConfig, http: HttpConfig, parts: ReaderParts) {
    this.#http = http;
    const kind = mqttMeterKindNamed(http.kind)!;
    this.#reader = new MqttMeterReader(kind, { device: DEVICE });
    this.#topic = `${http.kind}/${DEVICE}`;
    this.#desk = new MeterDesk(meter, parts, {
      port: http.url,
      protocol: () => http.kind,
      doing: () => '',
    });
  }

  start(): void {
    this.#desk.start();
    void this.#ask();
  }

  stop(): void {
    this.#ending.abort();
    if (this.#timer) clearTimeout(this.#timer);
    this.#desk.stop();
  }

  async #ask(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const payload = await this.#answer();
      if (this.#ending.signal.aborted) return;
      if (!this.#desk.isOpen) this.#desk.opened();
      this.#failures = 0;
      const result = this.#reader.read({ topic: this.#topic, payload });
      if (result) this.#desk.take([result]);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#failures += 1;
      this.#desk.down(reasonOf(error as Error));
    }
    const everyMs = this.#http.everyS * 1000;
    const waitMs = this.#failures > 0 ? backOffMs(this.#failures, Math.random()) : everyMs;
    const spentMs = performance.now() - askedAtMs;
    this.#timer = setTimeout(
      () => void this.#ask(),
      Math.max(0, Math.max(waitMs, everyMs) - spentMs),
    );
  }

  async #answer(): Promise<Uint8Array> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    const response = await fetch(this.#http.url, { signal, redirect: 'error' });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answers ${response.status}; is its local API switched on?`);
    }
    return readBounded(response);
  }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`answers more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reasonOf({ name, message, cause }: Error): string {
  if (name === 'TimeoutError') return `does not answer within ${ANSWER_MS_MAX / 1000} s`;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? `cannot be asked (${code}); is the address right?` : message;
}
