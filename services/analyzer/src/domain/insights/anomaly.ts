import {
  LOW_CONFIDENCE_DAYS,
  reasonText,
  SILENT_DAYS,
  type OpenAnomaly,
  type Reason,
} from '@wattbus/load-analysis';
import { topics, type Anomaly, type AnomalyAnalysis, type Reasons } from '@wattbus/mqtt-contract';
import { explained, instant, type Insight } from './insight.js';
import { reasonsOf } from './texts.js';

export const reasonsFor = (reason: Reason): Reasons => ({
  en: reasonText(reason, 'en'),
  ko: reasonText(reason, 'ko'),
});

export const anomaly: Insight<AnomalyAnalysis> = {
  topic: topics.anomalyAnalysis,
  parts: ({ consumption, ledger }) => [consumption?.anomaly, ledger.closedDay],
  version: ({ consumption, ledger }) => {
    const state = consumption?.anomaly;
    if (!state || !ledger.closedDay) return null;
    const open = Object.values(state.anomalies.open);
    const oddities = open.length === 0 ? '' : JSON.stringify(open);
    return `${ledger.closedDay.name} ${state.days} ${oddities}`;
  },
  make: (subject, { calendar }) => {
    const { consumption, ledger } = subject.state.analysis;
    const { days, anomalies } = consumption!.anomaly;
    const toMs = ledger.closedDay!.endMs;
    const known = Math.min(days, LOW_CONFIDENCE_DAYS);
    const open = Object.values(anomalies.open);
    const learning = days < SILENT_DAYS;
    return {
      ...explained(subject, {
        fromMs: daysBefore(toMs, known, calendar),
        toMs,
        coverage: known / LOW_CONFIDENCE_DAYS,
        reasons: joined(open) ?? silence(days),
      }),
      learning,
      open: open.map(anomalyMessage),
    };
  },
};

const anomalyMessage = ({
  kind,
  fromMs,
  reason,
  excessWhPerDay,
  confidence,
}: OpenAnomaly): Anomaly => ({
  kind,
  from: instant(fromMs),
  excessWhPerDay: Math.round(excessWhPerDay),
  confidence,
  reasons: reasonsFor(reason),
});

function joined(open: readonly OpenAnomaly[]): Reasons | null {
  if (open.length === 0) return null;
  const all = open.map(({ reason }) => reasonsFor(reason));
  return { en: all.map(({ en }) => en).join(' '), ko: all.map(({ ko }) => ko).join(' ') };
}

const silence = (days: number): Reasons =>
  days < SILENT_DAYS ? reasonsOf('learning', { days: SILENT_DAYS - days }) : reasonsOf('usual');

function daysBefore(
  endMs: number,
  days: number,
  { dayOf }: { dayOf: (ms: number) => { startMs: number } },
): number {
  let atMs = endMs;
  for (let i = 0; i < days; i += 1) atMs = dayOf(atMs - 1).startMs;
  return atMs;
}
