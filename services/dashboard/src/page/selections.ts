import type { ActiveAlert, HeardService, PageState } from './state.js';

/** A service says how it is every 30 s; after two and a half times that it is called silent. */
export const SERVICE_SILENT_MS = 75_000;
/** A value this old is called old, unless the meter speaks more seldom than that. */
const VALUE_STALE_MS = 75_000;

export type ServiceCondition = 'ready' | 'degraded' | 'starting' | 'silent' | 'stopped' | 'lost';

export interface ServiceRow {
  readonly key: string;
  readonly service: string;
  /** Named where a service runs more than once. */
  readonly instance: string | null;
  readonly condition: ServiceCondition;
  readonly reason: string;
  /** Since when nothing was heard; null where nobody knows. */
  readonly heardMs: number | null;
}

/** The values on the page: how old, and whether that is too old to be called "now". */
export function freshness(
  { freshMs, intervalMs }: PageState,
  nowMs: number,
): { ageMs: number; stale: boolean } | null {
  if (freshMs === null) return null;
  const ageMs = Math.max(0, nowMs - freshMs);
  return { ageMs, stale: ageMs > Math.max(VALUE_STALE_MS, 3 * intervalMs) };
}

/**
 * Services in the order of the data's way. A process that ended is left out as soon as another one
 * of its service has started after it: then it was replaced.
 */
export function serviceRows({ services }: PageState, nowMs: number): readonly ServiceRow[] {
  const all = [...services.entries()].map(([key, heard]) => ({
    key,
    heard,
    condition: conditionOf(heard, nowMs),
  }));
  const shown = all.filter(({ heard, condition }) => {
    if (isAlive(condition)) return true;
    return !all.some(
      (other) =>
        other.heard !== heard &&
        other.heard.health.service === heard.health.service &&
        isSuccessor(other.heard, isAlive(other.condition), heard),
    );
  });
  return shown
    .map(({ key, heard, condition }) => ({
      key,
      service: heard.health.service,
      instance: shown.some((other) => other.key !== key && sameService(other.heard, heard))
        ? heard.health.instance
        : null,
      condition,
      reason: heard.health.reason,
      heardMs: condition === 'lost' && !heard.heardLive ? null : heard.heardMs,
    }))
    .sort(
      (one, other) =>
        serviceOrder(one.service) - serviceOrder(other.service) || (one.key < other.key ? -1 : 1),
    );
}

/** Alerts, the critical ones first, then the newest. */
export const alertRows = ({ alerts }: PageState): readonly ActiveAlert[] =>
  [...alerts.values()].sort(
    (one, other) =>
      Number(other.severity === 'critical') - Number(one.severity === 'critical') ||
      Date.parse(other.at) - Date.parse(one.at),
  );

/** Where the chart ends: now, or the newest reading where the meter's clock is another one. */
export function chartEndMs({ series }: PageState, nowMs: number): number {
  const newestMs = series.newest?.atMs ?? nowMs;
  const OTHER_CLOCK_MS = 86_400_000;
  return Math.abs(nowMs - newestMs) < OTHER_CLOCK_MS ? Math.max(nowMs, newestMs) : newestMs;
}

function conditionOf({ health, heardMs }: HeardService, nowMs: number): ServiceCondition {
  const { state } = health;
  if (state === 'stopped' || state === 'lost') return state;
  return nowMs - heardMs > SERVICE_SILENT_MS ? 'silent' : state;
}

const isAlive = (condition: ServiceCondition): boolean =>
  condition === 'ready' || condition === 'degraded' || condition === 'starting';

/** The way that data take; a service that is not here comes last. */
const order = [
  'meter-simulator',
  'meter-ingest',
  'broker',
  'analyzer',
  'price-feed',
  'controller',
  'historian',
  'dashboard',
];
const serviceOrder = (service: string): number =>
  order.includes(service) ? order.indexOf(service) : order.length;

const sameService = (one: HeardService, other: HeardService): boolean =>
  one.health.service === other.health.service;

/**
 * Of two processes that both ended, the one that started later stands for the service. The page's
 * own clock decides where the page was there, and the services' clocks where it was not.
 */
function isSuccessor(other: HeardService, otherLives: boolean, gone: HeardService): boolean {
  const startedMs = Date.parse(other.health.since);
  if (!otherLives) return startedMs > Date.parse(gone.health.since);
  return gone.heardLive ? other.firstMs >= gone.heardMs : startedMs >= Date.parse(gone.health.at);
}
