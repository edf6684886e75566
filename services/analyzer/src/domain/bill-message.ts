import { billSoFar, costSoFar, type BillSoFar, type Site } from '@wattbus/load-analysis';
import type { BillAnalysis } from '@wattbus/mqtt-contract';
import { fromMicro, toNumber, totalMicro } from '@wattbus/tariffs';
import { billReasons } from './bill-reasons.js';
import { instant, resultOf } from './messages.js';
import { billedMeterOf, type MeterState } from './meter-state.js';

/** The bill that is open; null for a meter that is not billed, or whose prices nobody knows. */
export function billMessage(state: MeterState, site: Site): BillAnalysis | null {
  const { quarterClosedBy } = state;
  const meter = billedMeterOf(state.analysis);
  if (!meter || !quarterClosedBy) return null;
  const dayEnergy = state.analysis.consumption?.dayEnergy ?? null;
  const bill = billSoFar({ ...meter, dayEnergy }, Date.parse(quarterClosedBy.at), site);
  if (!bill) return null;
  const { period, soFar, importWh, coverage, forecast, exportValue } = bill;
  const closed = { ...meter, ledger: { ...meter.ledger, open: [] } };
  const today = costSoFar(closed, site)?.today;
  return {
    ...resultOf(state, quarterClosedBy),
    currency: soFar.currency,
    tariff: period.planned.tariff.name,
    period: { from: instant(period.startMs), to: instant(period.endMs) },
    coverage: Math.round(coverage * 1e4) / 1e4,
    provisional: soFar.provisional,
    importWh,
    today: today ? fromMicro(totalMicro(today)) : null,
    lines: soFar.lines.map(({ id, title, amount }) => ({ id, title, amount: toNumber(amount) })),
    total: toNumber(soFar.total),
    forecast,
    nextBlock: blockOf(bill),
    price: {
      now: rounded(bill.prices[0]?.pricePerKWh ?? null),
      export: rounded(exportValue),
      slots: bill.prices.map(({ startMs, endMs, pricePerKWh }) => ({
        start: instant(startMs),
        end: instant(endMs),
        pricePerKWh: rounded(pricePerKWh)!,
      })),
    },
    capacity: capacityOf(bill),
    reasons: billReasons(bill, site.calendar),
  };
}

/** Prices and differences are exact within; nobody reads more than six decimals. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1e6) / 1e6 + 0;

function blockOf({ nextBlock }: BillSoFar): BillAnalysis['nextBlock'] {
  if (!nextBlock) return null;
  const { fromWh, pricePerKWh, jump, reachedAtMs } = nextBlock;
  return {
    fromWh,
    pricePerKWh: rounded(pricePerKWh)!,
    jump: rounded(jump)!,
    reachedAt: reachedAtMs === null ? null : instant(reachedAtMs),
  };
}

function capacityOf({ capacity }: BillSoFar): BillAnalysis['capacity'] {
  if (!capacity) return null;
  const { peakW, peakAtMs, cost, costPerKW, bills } = capacity;
  return {
    peakW,
    peakAt: peakAtMs === null ? null : instant(peakAtMs),
    cost: rounded(cost)!,
    costPerKW: rounded(costPerKW),
    bills,
  };
}
