import { describeTableFaults, readTable, type WattbusConfig } from '@wattbus/service-config';
import { isRefused, readPrices } from '@wattbus/tariffs';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { readFileSync } from 'node:fs';
import { readEntsoe } from './domain/entsoe-prices.js';
import { readJsonPrices, type ReadSlots } from './domain/json-prices.js';

export type PricesConfig = NonNullable<WattbusConfig['prices']>;

export interface Asking {
  readonly nowMs: number;
  /** Days and times without an offset are of this zone. */
  readonly zone: string;
  readonly signal: AbortSignal;
}

const ANSWER_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const ENTSOE_URL = 'https://web-api.tp.entsoe.eu/api';
const DAY_MS = 86_400_000;
const DAYS_BACK = 8;
const DAYS_AHEAD = 2;

/** Fetches and reads the prices of a feed; what is wrong is a value, a lost connection throws. */
export async function fetchPrices(config: PricesConfig, asking: Asking): Promise<ReadSlots> {
  switch (config.kind) {
    case 'mqtt':
      return { ok: true, slots: [] };
    case 'csv':
      return csvPrices(config, asking.zone);
    case 'http': {
      const headers = bearer(tokenOf(config));
      return jsonPrices(await answer(urlOf(config, asking), { headers, ...asking }), config);
    }
    case 'entsoe':
      return entsoePrices(await answer(entsoeUrl(config, asking), asking), config);
  }
}

/** Where the prices are from, as it is said on the bus; never with a token in it. */
export function sourceOf({ kind, url, file, area }: PricesConfig): string {
  if (kind === 'entsoe') return `entsoe ${area}`;
  if (kind === 'csv') return `csv ${file?.split('/').at(-1)}`;
  return url === undefined ? kind : new URL(url).host;
}

function csvPrices({ file = '', divideBy }: PricesConfig, zone: string): ReadSlots {
  const table = readTable(file);
  if (isRefused(table)) return { ok: false, message: describeTableFaults(file, table.faults) };
  const read = readPrices(table.rows, zone);
  if (isRefused(read)) return { ok: false, message: describeTableFaults(file, read.faults) };
  return { ok: true, slots: read.prices.map((one) => ({ ...one, price: one.price / divideBy })) };
}

function jsonPrices(text: string, { divideBy }: PricesConfig): ReadSlots {
  try {
    return readJsonPrices(JSON.parse(text), divideBy);
  } catch (error) {
    return { ok: false, message: `the answer is no JSON: ${(error as Error).message}` };
  }
}

/** Values stay text, entities stay unread: neither number formats nor a document type decide. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
});

function entsoePrices(text: string, { currency }: PricesConfig): ReadSlots {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, col, msg } = valid.err;
    return { ok: false, message: `the answer is no XML, line ${line}, column ${col}: ${msg}` };
  }
  return readEntsoe(parser.parse(text), currency);
}

function urlOf({ url = '' }: PricesConfig, { nowMs, zone }: Asking): string {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(nowMs);
  return url.replaceAll('{date}', date);
}

function entsoeUrl(config: PricesConfig, { nowMs }: Asking): string {
  const url = new URL(config.url ?? ENTSOE_URL);
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const stamp = (ms: number): string =>
    new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 12);
  const query = {
    securityToken: tokenOf(config) ?? '',
    documentType: 'A44',
    in_Domain: config.area ?? '',
    out_Domain: config.area ?? '',
    periodStart: stamp(today - DAYS_BACK * DAY_MS),
    periodEnd: stamp(today + DAYS_AHEAD * DAY_MS),
  };
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url.href;
}

function tokenOf({ token, tokenFile }: PricesConfig): string | undefined {
  return tokenFile === undefined ? token : readFileSync(tokenFile, 'utf8').trimEnd();
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

async function answer(
  url: string,
  { headers = {}, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<string> {
  const response = await fetch(url, {
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > ANSWER_BYTES_MAX)
      throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} B`);
    chunks.push(chunk as Uint8Array);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  // The platform says in a document why it has nothing, with a status of 400.
  if (!response.ok && !text.includes('Acknowledgement_MarketDocument')) {
    throw new Error(`the server answers ${response.status} ${response.statusText}`);
  }
  return text;
}
