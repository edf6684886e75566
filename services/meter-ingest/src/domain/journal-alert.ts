import type { JournalEvent, LostReadings } from '@wattbus/journal';

/** What a person should know about the journal; `active: false` takes it back. */
export interface JournalAlert {
  readonly name: 'journal-space' | 'journal-loss' | 'journal-damage';
  readonly active: boolean;
  readonly severity: 'warning' | 'critical';
  readonly text: string;
}

/** The alert that an event raises or clears, or null where it is no person's business. */
export function journalAlert(event: JournalEvent): JournalAlert | null {
  const text = describe(event);
  switch (event.kind) {
    case 'retention-near':
      return { name: 'journal-space', active: true, severity: 'warning', text };
    case 'retention-clear':
      return { name: 'journal-space', active: false, severity: 'warning', text };
    case 'dropped':
      if (event.reason === 'age') return null;
      return { name: 'journal-loss', active: true, severity: 'critical', text };
    case 'corrupt':
      return { name: 'journal-damage', active: true, severity: 'critical', text };
    case 'torn':
    case 'failed':
      return null;
  }
}

/**
 * What the journal's own record of losses says at a start. A loss is shown for as long as readings
 * are kept; then whoever could have fetched them from elsewhere has, or cannot any more.
 */
export function lossAlert(
  lost: readonly LostReadings[],
  nowMs: number,
  retentionMs: number,
): JournalAlert {
  const recent = lost.filter(({ at }) => nowMs - Date.parse(at) <= retentionMs);
  const count = recent.reduce((sum, one) => sum + one.count, 0);
  const which = recent
    .slice(0, SHOWN_MAX)
    .map(({ meter, from, to }) => `${meter} ${from} to ${to}`)
    .join(', ');
  const more = recent.length > SHOWN_MAX ? ' …' : '';
  const text = `${count} readings are gone before ingest.retentionDays: ${which}${more}`;
  const active = recent.length > 0;
  return { name: 'journal-loss', active, severity: 'critical', text: active ? text : '' };
}

const SHOWN_MAX = 5;

export function describe(event: JournalEvent): string {
  switch (event.kind) {
    case 'retention-near':
      return (
        `the journal holds ${percent(event.usedFraction)} of ingest.retentionBytes; its oldest ` +
        'readings will be dropped before ingest.retentionDays. Raise the limit, or see to it ' +
        'that all consumers have what they need'
      );
    case 'retention-clear':
      return `the journal has room again: ${percent(event.usedFraction)} of it are used`;
    case 'dropped': {
      const readings = event.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      const of = `${readings} readings of ${event.ranges.length} meters`;
      return event.reason === 'age'
        ? `${of} have reached their age and are gone`
        : `${of} are gone before ingest.retentionDays: the limit in ${event.reason} is reached`;
    }
    case 'corrupt':
      return (
        `${event.file} is damaged at byte ${event.offset} (${event.bytes} bytes); the readings ` +
        'in it are lost, all others are kept. Check the disk'
      );
    case 'torn':
      return (
        `${event.file}: a write of ${event.bytes} bytes was cut off at byte ${event.offset}; ` +
        'nothing in it had been accepted'
      );
    case 'failed':
      return event.fault.detail;
  }
}

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;
