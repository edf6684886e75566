import { carbonSummary, type Carbon } from '@wattbus/load-analysis';
import { topics, type CarbonAnalysis } from '@wattbus/mqtt-contract';
import { explained, rounded, type Insight } from './insight.js';
import { reasonsOf } from './texts.js';

/** Of closed quarter-hours. */
export const carbon: Insight<CarbonAnalysis> = {
  topic: topics.carbonAnalysis,
  parts: ({ carbon: books, ledger }) => [books === null, ledger.closedUntilMs],
  version: ({ carbon: books, ledger }) => books && String(ledger.closedUntilMs),
  make: (subject, { calendar }) => {
    const { carbon: books } = subject.state.analysis;
    const day = calendar.dayNamed(books!.day)!;
    const today = ofSpan(books!.today);
    const { importG, gPerKWh, liveShare } = today;
    return {
      ...explained(subject, {
        fromMs: day.startMs,
        toMs: day.endMs,
        coverage: liveShare,
        reasons:
          gPerKWh === null
            ? reasonsOf('noCarbon')
            : reasonsOf('carbon', { kg: rounded(importG / 1000, 2), gPerKWh: rounded(gPerKWh) }),
      }),
      today,
      month: ofSpan(books!.thisMonth),
    };
  },
};

function ofSpan(carbon: Carbon): CarbonAnalysis['today'] {
  const { importG, exportG, gPerKWh, coverage } = carbonSummary(carbon);
  return {
    importG: rounded(importG, 1),
    exportG: rounded(exportG, 1),
    gPerKWh: gPerKWh === null ? null : rounded(gPerKWh, 1),
    liveShare: rounded(coverage, 4),
  };
}
