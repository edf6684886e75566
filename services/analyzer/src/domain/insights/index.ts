import type { AnalysisState } from '@wattbus/load-analysis';
import type { Stamp } from '../meter-state.js';
import { anomaly } from './anomaly.js';
import { appliance } from './appliance.js';
import { baseload } from './baseload.js';
import { carbon } from './carbon.js';
import { forecast } from './forecast.js';
import { quality } from './quality.js';
import type { Insight } from './insight.js';

/** Every result of a meter that is said when it changes; one more is one more line. */
export const insights = {
  baseload,
  anomaly,
  appliance,
  forecast,
  quality,
  carbon,
} as const;
export type InsightName = keyof typeof insights;
export const insightNames = Object.keys(insights) as readonly InsightName[];

const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((part, i) => part === others[i]);

/** A row of the table as one that makes just some payload. */
export const insight = (name: InsightName): Insight<unknown> => insights[name] as Insight<unknown>;

/** Which version of each result there is, and the reading that brought it. Plain JSON. */
export type Changes = { readonly [name in InsightName]?: Change };
export interface Change extends Stamp {
  readonly version: string;
}

/** What was known before a reading. */
interface Before {
  readonly analysis: AnalysisState;
  readonly changes: Changes;
}

/** Notes what a reading has changed. */
export function nextChanges(before: Before | null, analysis: AnalysisState, stamp: Stamp): Changes {
  const changes = before?.changes ?? {};
  let next = changes;
  for (const name of insightNames) {
    const { parts } = insights[name];
    const isKnown = before?.changes[name] !== undefined;
    if (isKnown && areSame(parts(before.analysis), parts(analysis))) continue;
    const version = insights[name].version(analysis);
    if (version === null || version === changes[name]?.version) continue;
    const { epoch, seq, at } = stamp;
    next = { ...next, [name]: { version, epoch, seq, at } };
  }
  return next;
}
