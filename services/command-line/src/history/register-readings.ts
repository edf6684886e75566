import { quantities, quantityNames, type Measured, type QuantityName } from '@wattbus/energy-model';
import { isUsageName, type HistoryRow } from './history.js';

/** What a meter stated at an instant. */
export interface ImportedReading {
  readonly atMs: number;
  readonly measured: Measured;
}

/** Rows of quantities → readings; a total that is only there by tariff is the sum of its parts. */
export const registerReadings = (rows: readonly HistoryRow[], laterMs: number): ImportedReading[] =>
  rows.map(({ atMs, values }) => ({
    atMs: atMs + laterMs,
    measured: withTotals(measuredOf(values)),
  }));

function measuredOf(values: HistoryRow['values']): Measured {
  const measured: Measured = {};
  for (const name of Object.keys(values) as (keyof HistoryRow['values'])[]) {
    if (isUsageName(name)) continue;
    const value = values[name]! / 1e6;
    measured[name] = quantities[name].integer ? Math.round(value) : value;
  }
  return measured;
}

const totals = (['Import', 'Export'] as const).map((direction) => ({
  total: `energy${direction}Wh` as const satisfies QuantityName,
  parts: quantityNames.filter((name) => name.startsWith(`energy${direction}Tariff`)),
}));

function withTotals(measured: Measured): Measured {
  for (const { total, parts } of totals) {
    if (measured[total] !== undefined) continue;
    const stated = parts.flatMap((name) => (measured[name] === undefined ? [] : [measured[name]]));
    if (stated.length > 0) measured[total] = stated.reduce((sum, value) => sum + value, 0);
  }
  return measured;
}
