import type { Reading } from '@wattbus/energy-model';
import type {
  Alert,
  BillAnalysis,
  DeviceState,
  ForecastAnalysis,
  HistoryReply,
  MeterState,
  ServiceHealth,
  SiteAnalysis,
} from '@wattbus/mqtt-contract';
import type { PageConfig } from './page-config.js';
import { isPayload } from './payload-shape.js';

/** What the page listens to; the paths come from the contract, through `config.json`. */
export interface PagePayloads {
  siteAnalysis: SiteAnalysis;
  forecastAnalysis: ForecastAnalysis;
  meterReading: Reading;
  meterState: MeterState;
  controlState: DeviceState;
  serviceHealth: ServiceHealth;
  serviceAlert: Alert;
  billAnalysis: BillAnalysis;
  historyReply: HistoryReply;
}
export type HeardTopic = keyof PagePayloads;

export type Params = Readonly<Record<string, string>>;

/** One message; `payload` is null where a retained message was cleared. */
export type Message = {
  [Name in HeardTopic]: {
    readonly topic: Name;
    readonly params: Params;
    readonly payload: PagePayloads[Name] | null;
    readonly retained: boolean;
  };
}[HeardTopic];

export const heardTopics = [
  'siteAnalysis',
  'forecastAnalysis',
  'meterReading',
  'meterState',
  'controlState',
  'serviceHealth',
  'serviceAlert',
  'billAnalysis',
  'historyReply',
] as const satisfies readonly HeardTopic[];

const parameter = /\{(\w+)\}/g;

/** `energy/meter/{meter}/reading` → `energy/meter/main/reading`. */
export const fillPath = (path: string, params: Params): string =>
  path.replace(parameter, (_, name: string) => params[name] ?? '+');

/** The parameters of a concrete topic, or null where it is none of this path. */
export function matchPath(path: string, topic: string): Params | null {
  const levels = path.split('/');
  const actual = topic.split('/');
  if (levels.length !== actual.length) return null;
  const params: Record<string, string> = {};
  for (const [i, level] of levels.entries()) {
    if (level.startsWith('{')) params[level.slice(1, -1)] = actual[i]!;
    else if (level !== actual[i]) return null;
  }
  return params;
}

/** A message that the page understands, or null for anything else. */
export function readMessage(
  topics: PageConfig['topics'],
  topic: string,
  bytes: Uint8Array,
  retained: boolean,
): Message | null {
  for (const name of heardTopics) {
    const params = matchPath(topics[name], topic);
    if (!params) continue;
    if (bytes.length === 0) return { topic: name, params, payload: null, retained } as Message;
    const payload = parse(bytes);
    if (!isPayload(name, payload)) return null;
    return { topic: name, params, payload, retained } as Message;
  }
  return null;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
