import type { Telegram } from '@wattbus/energy-model';
import { powerFailuresOf } from '@wattbus/meter-protocols';
import type { MeterEvent } from '@wattbus/mqtt-contract';

/** Failures that ended longer ago are history, not news. */
const NEWS_MS_MAX = 24 * 3_600_000;

/** What is remembered of a meter between telegrams; bounded by its failure log (10 entries). */
export interface EventMemory {
  readonly meterId: string | undefined;
  readonly told: ReadonlySet<string>;
}

export const nothingTold: EventMemory = { meterId: undefined, told: new Set() };

/**
 * Events that a telegram tells: long power failures from the meter's own log, and another meter
 * than before. After a restart the failures of the last day are told again: the failure itself
 * often was why this program stopped, and an event is kept once by its meter, kind and time.
 */
export function eventsOf(
  memory: EventMemory,
  telegram: Telegram,
  meter: string,
  at: string,
): { memory: EventMemory; events: readonly MeterEvent[] } {
  const events: MeterEvent[] = [];
  const log = powerFailuresOf(telegram);
  for (const { endedAt, durationS } of log) {
    const isNews = Date.parse(at) - Date.parse(endedAt) < NEWS_MS_MAX;
    if (!isNews || memory.told.has(endedAt)) continue;
    const detail = `power failure of ${durationS} s, from the failure log of the meter`;
    events.push({ v: 1, meter, at: endedAt, kind: 'outage', detail, durationS });
  }
  const { id } = telegram.meter;
  if (id !== undefined && memory.meterId !== undefined && id !== memory.meterId) {
    const detail = `the meter says it is ${id}; before it was ${memory.meterId}`;
    events.push({ v: 1, meter, at, kind: 'replaced', detail });
  }
  return {
    memory: {
      meterId: id ?? memory.meterId,
      told: log.length === 0 ? memory.told : new Set(log.map(({ endedAt }) => endedAt)),
    },
    events,
  };
}
