import {
  amountOf,
  balanceOf,
  bandShare,
  phaseNames,
  type Amounts,
  type AnalysisState,
  type PhasesState,
} from '@wattbus/load-analysis';
import { topics, type QualityAnalysis, type Reasons } from '@wattbus/mqtt-contract';
import { explained, rounded, type Insight } from './insight.js';
import { reasonsOf } from './texts.js';

/** Ten-minute means of the connection, what the meter counted, and how complete the month is. */
export const quality: Insight<QualityAnalysis> = {
  topic: topics.qualityAnalysis,
  parts: ({ phases, ledger }) => {
    const [l1, l2, l3] = phases?.voltages ?? [];
    const parts: unknown[] = [l1?.last, l1?.low, l2?.last, l2?.low, l3?.last, l3?.low];
    parts.push(phases?.currentWindows.last, phases?.outages.counters, ledger.books?.day.name);
    return parts;
  },
  version: ({ phases, ledger }) => {
    if (!phases || !ledger.books) return null;
    const { voltages, currentWindows, outages } = phases;
    const windows = voltages.map((one) => (one ? `${one.last?.startMs ?? 0}${one.low}` : ''));
    const counted = Object.values(outages.counters).join();
    const currents = currentWindows.last?.startMs ?? 0;
    return `${windows.join()} ${currents} ${counted} ${ledger.books.day.name}`;
  },
  make: (subject) => {
    const { phases, ledger } = subject.state.analysis;
    const { month } = ledger.books!;
    const coverage = coverageBefore(subject.state.analysis);
    const { last } = phases!.currentWindows;
    const balance = last && balanceOf(last);
    const told = phasesOf(phases!);
    return {
      ...explained(subject, {
        fromMs: month.startMs,
        toMs: month.endMs,
        coverage,
        reasons: reasonOf(told, coverage),
      }),
      estimatedShare: rounded(estimatedBefore(subject.state.analysis), 4),
      phases: told,
      unbalance: balance ? rounded(balance.unbalance, 4) : null,
      neutralA: balance ? rounded(balance.neutralA, 2) : null,
      counters: { ...phases!.outages.counters },
    };
  },
};

/** Of what was counted before today, which changes no more. */
function estimatedBefore({ ledger }: AnalysisState): number {
  const { day, month } = ledger.books!;
  const before = sum(month.amounts) - sum(day.amounts);
  return before > 0 ? (sum(month.estimated) - sum(day.estimated)) / before : 0;
}

const sum = (amounts: Amounts): number =>
  amountOf(amounts, 'importWh') + amountOf(amounts, 'exportWh');

/** Of the month's days before this one; on its first day, of the day before. */
function coverageBefore({ ledger }: AnalysisState): number {
  const { day, month } = ledger.books!;
  const beforeMs = day.startMs - month.startMs;
  if (beforeMs > 0) return month.coveredMs / beforeMs;
  const { closedDay } = ledger;
  return closedDay ? closedDay.coveredMs / (closedDay.endMs - closedDay.startMs) : 0;
}

function phasesOf({ voltages, currentWindows }: PhasesState): QualityAnalysis['phases'] {
  const { last } = currentWindows;
  return phaseNames.flatMap((phase, i) => {
    const voltage = voltages[i] ?? null;
    const currentA = last ? last.meansA[i]! : null;
    if (!voltage && !currentA) return [];
    const band = voltage && bandShare(voltage);
    return {
      phase,
      voltageV: voltage?.last ? rounded(voltage.last.meanV, 1) : null,
      bandShare: band === null ? null : rounded(band, 4),
      low: voltage?.low ?? false,
      currentA: currentA === null ? null : rounded(currentA, 2),
      highestA: last ? rounded(last.highestA[i]!, 2) : null,
    };
  });
}

function reasonOf(phases: QualityAnalysis['phases'], covered: number): Reasons {
  const shares = phases.flatMap(({ bandShare: share }) => share ?? []);
  const coverage = rounded(Math.min(1, covered) * 100, 1);
  if (shares.length === 0) return reasonsOf('covered', { coverage });
  const outside = rounded((1 - Math.min(...shares)) * 100, 1);
  return outside > 0
    ? reasonsOf('voltageOut', { outside, coverage })
    : reasonsOf('voltageIn', { coverage });
}
