import type {
  Alert,
  BillAnalysis,
  DeviceState,
  ForecastAnalysis,
  MeterState,
  ServiceHealth,
  SiteAnalysis,
} from '@wattbus/mqtt-contract';
import {
  emptySeries,
  requested,
  withPower,
  withRange,
  withReply,
  type PowerSeries,
  type RangeName,
} from './power-series.js';
import type { HeardTopic, Message } from './topics.js';

/** Rows of each kind that the page keeps; a broken or hostile publisher cannot fill its memory. */
const ROWS_MAX = 200;
/** A grid meter's power counts towards the sum so long; then only the others' do. */
const POWER_MS_MAX = 300_000;

/** How the page and the broker are with each other. */
export type Link = 'connecting' | 'online' | 'offline' | 'sign-in' | 'refused';

export interface HeardService {
  readonly health: ServiceHealth;
  /** When this page first heard of the process, and when it last spoke, on this device's clock. */
  readonly firstMs: number;
  readonly heardMs: number;
  /** False where the message had waited at the broker, so nobody knows how long. */
  readonly heardLive: boolean;
}

export interface ActiveAlert extends Alert {
  readonly key: string;
  readonly service: string;
}

/** Everything that the page shows, made from messages and nothing else. */
export interface PageState {
  readonly link: Link;
  /** True after a password was refused. */
  readonly wrongPassword: boolean;
  readonly site: SiteAnalysis | null;
  /** By meter. */
  readonly forecasts: ReadonlyMap<string, ForecastAnalysis>;
  readonly power: { readonly watts: number; readonly atMs: number } | null;
  /** Meter time of the newest value of the grid connection. */
  readonly gridAtMs: number;
  /** When that came, on this device's clock, and how long after the one before. */
  readonly freshMs: number | null;
  readonly intervalMs: number;
  readonly gridPower: ReadonlyMap<string, { readonly watts: number; readonly atMs: number }>;
  readonly meters: ReadonlyMap<string, MeterState>;
  readonly services: ReadonlyMap<string, HeardService>;
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly alerts: ReadonlyMap<string, ActiveAlert>;
  readonly bills: ReadonlyMap<string, BillAnalysis>;
  readonly series: PowerSeries;
}

export type Input =
  | { readonly kind: 'message'; readonly message: Message; readonly nowMs: number }
  | { readonly kind: 'link'; readonly link: Link; readonly wrongPassword?: boolean }
  | { readonly kind: 'range'; readonly range: RangeName }
  | { readonly kind: 'requested'; readonly requestId: string };

export const initialState: PageState = {
  link: 'connecting',
  wrongPassword: false,
  site: null,
  forecasts: new Map(),
  power: null,
  gridAtMs: -Infinity,
  freshMs: null,
  intervalMs: 0,
  gridPower: new Map(),
  meters: new Map(),
  services: new Map(),
  devices: new Map(),
  alerts: new Map(),
  bills: new Map(),
  series: emptySeries,
};

/** The next state; `state` is not changed. */
export function reduce(state: PageState, input: Input): PageState {
  switch (input.kind) {
    case 'message':
      return reduceMessage(state, input.message, input.nowMs);
    case 'link':
      return {
        ...state,
        link: nextLink(state, input.link),
        wrongPassword: input.wrongPassword ?? false,
      };
    case 'range':
      return { ...state, series: withRange(state.series, input.range) };
    case 'requested':
      return { ...state, series: requested(state.series, input.requestId) };
  }
}

/** The form stays until the broker has answered, so that it does not flicker. */
const nextLink = ({ link }: PageState, next: Link): Link =>
  next === 'connecting' && (link === 'sign-in' || link === 'refused') ? link : next;

/** The electricity meters at the grid connection, in the order of their names. */
export function gridMeters({ site, meters }: PageState): readonly string[] {
  const known = [...(site?.meters ?? []), ...meters.values()];
  const names = known.filter(isGrid).map(({ meter }) => meter);
  return [...new Set(names)].sort();
}

const isGrid = (one: { medium: string; role: string }): boolean =>
  one.medium === 'electricity' && one.role === 'grid';

type Heard<Name extends HeardTopic> = Extract<Message, { topic: Name }>;
type Handle<Name extends HeardTopic> = (
  state: PageState,
  message: Heard<Name>,
  nowMs: number,
) => PageState;

const handlers: { readonly [Name in HeardTopic]: Handle<Name> } = {
  siteAnalysis: (state, { payload, retained }, nowMs) => {
    if (!payload) return { ...state, site: null };
    const grid = payload.meters.filter(isGrid).map(({ at }) => Date.parse(at));
    const atMs = grid.length > 0 ? Math.max(...grid) : Date.parse(payload.at);
    const fresh = touched({ ...state, site: payload }, { atMs, retained, nowMs });
    // Meters that state power themselves are heard directly and sooner.
    const heard = payload.powerW === null || state.gridPower.size > 0;
    return heard ? fresh : powered(fresh, payload.powerW!, atMs);
  },
  meterReading: (state, { payload, retained }, nowMs) => {
    if (!payload || !isGrid(payload)) return state;
    const atMs = Date.parse(payload.at);
    const fresh = touched(state, { atMs, retained, nowMs });
    if (payload.powerW === undefined) return fresh;
    const gridPower = put(state.gridPower, payload.meter, { watts: payload.powerW, atMs });
    const watts = [...gridPower.values()]
      .filter((one) => atMs - one.atMs < POWER_MS_MAX)
      .reduce((sum, one) => sum + one.watts, 0);
    return powered({ ...fresh, gridPower }, watts, atMs);
  },
  forecastAnalysis: (state, { params, payload }) => ({
    ...state,
    forecasts: put(state.forecasts, params['meter'] ?? '', payload),
  }),
  meterState: (state, { params, payload }) => ({
    ...state,
    meters: put(state.meters, params['meter'] ?? '', payload),
  }),
  controlState: (state, { params, payload }) => ({
    ...state,
    devices: put(state.devices, params['device'] ?? '', payload),
  }),
  serviceHealth: (state, { params, payload, retained }, nowMs) => {
    const key = `${params['service']}/${params['instance']}`;
    const heardMs = payload && retained ? Math.min(nowMs, Date.parse(payload.at)) : nowMs;
    const firstMs = state.services.get(key)?.firstMs ?? nowMs;
    const heard = payload && { health: payload, firstMs, heardMs, heardLive: !retained };
    return { ...state, services: put(state.services, key, heard) };
  },
  serviceAlert: (state, { params, payload }) => {
    const service = params['service'] ?? '';
    const key = `${service}/${params['name']}`;
    const alert = payload?.active ? { ...payload, key, service } : null;
    return { ...state, alerts: put(state.alerts, key, alert) };
  },
  billAnalysis: (state, { params, payload }) => ({
    ...state,
    bills: put(state.bills, params['meter'] ?? '', payload),
  }),
  historyReply: (state, { payload }) =>
    payload ? { ...state, series: withReply(state.series, payload) } : state,
};

function reduceMessage(state: PageState, message: Message, nowMs: number): PageState {
  const handle = handlers[message.topic] as Handle<HeardTopic>;
  return handle(state, message, nowMs);
}

interface Arrival {
  readonly atMs: number;
  readonly retained: boolean;
  readonly nowMs: number;
}

/**
 * Notes when a newer value came. A retained message is as old as it says; any other one is from
 * now, whatever the meter's clock says.
 */
function touched(state: PageState, { atMs, retained, nowMs }: Arrival): PageState {
  if (atMs <= state.gridAtMs) return state;
  const freshMs = retained ? Math.min(nowMs, atMs) : nowMs;
  const intervalMs = retained || state.freshMs === null ? 0 : freshMs - state.freshMs;
  return { ...state, gridAtMs: atMs, freshMs, intervalMs };
}

function powered(state: PageState, watts: number, atMs: number): PageState {
  if (state.power && atMs < state.power.atMs) return state;
  return { ...state, power: { watts, atMs }, series: withPower(state.series, atMs, watts) };
}

/** A copy with the entry set, or without it where the value is null. */
function put<V>(map: ReadonlyMap<string, V>, key: string, value: V | null): ReadonlyMap<string, V> {
  const copy = new Map(map);
  if (value === null) copy.delete(key);
  else if (copy.has(key) || copy.size < ROWS_MAX) copy.set(key, value);
  return copy;
}
