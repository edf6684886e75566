import type { Telegram } from '@wattbus/energy-model';
import { powerFailuresOf } from '@wattbus/meter-protocols';
import type { MeterEvent } from '@wattbus/mqtt-contract';
import type { ReadingDraft } from './reading-drafts.js';

/** Failures that ended longer ago are history, not news. */
const NEWS_MS_MAX = 24 * 3_600_000;

/** Ends of the failures told of; bounded by the meter's failure log (10 entries). */
export type ToldFailures = ReadonlySet<string>;

/**
 * Long power failures from the meter's own log. After a restart those of the last day are told
 * again: the failure itself often was why this program stopped, and an event is kept once by its
 * meter, kind and time.
 */
export function failureEvents(
  told: ToldFailures,
  telegram: Telegram,
  meter: string,
  at: string,
): { told: ToldFailures; events: readonly MeterEvent[] } {
  const events: MeterEvent[] = [];
  const log = powerFailuresOf(telegram);
  for (const { endedAt, durationS } of log) {
    const isNews = Date.parse(at) - Date.parse(endedAt) < NEWS_MS_MAX;
    if (!isNews || told.has(endedAt)) continue;
    const detail = `power failure of ${durationS} s, from the failure log of the meter`;
    events.push({ v: 1, meter, at: endedAt, kind: 'outage', detail, durationS });
  }
  return { told: log.length === 0 ? told : new Set(log.map(({ endedAt }) => endedAt)), events };
}

/**
 * Meters whose serial number is another one than in their newest reading before. `known` is that
 * number by meter. To be said before these readings, whose registers may have fallen.
 */
export function replacedEvents(
  known: ReadonlyMap<string, string>,
  drafts: readonly ReadingDraft[],
): readonly MeterEvent[] {
  return drafts.flatMap(({ meter, meterId, at }) => {
    const before = known.get(meter);
    if (meterId === undefined || before === undefined || before === meterId) return [];
    const detail = `the meter says it is ${meterId}; before it was ${before}`;
    return [{ v: 1, meter, at, kind: 'replaced', detail }];
  });
}
