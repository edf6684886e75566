import { quantities, type Medium, type QuantityName } from '@wattbus/energy-model';

/** Energy or volume of a span of time, as portals state it. */
export const usageNames = ['importWh', 'exportWh', 'volumeL'] as const;
export type UsageName = (typeof usageNames)[number];

/** What a column may hold: a quantity at an instant, or what was used within an interval. */
export type Target = QuantityName | UsageName;

export const isUsageName = (target: string): target is UsageName =>
  (usageNames as readonly string[]).includes(target);

export const isTarget = (name: string): name is Target => isUsageName(name) || name in quantities;

/** The values of one row, in the target's own units; registers and usage are whole millionths. */
export type Values = { [name in Target]?: number };

/** A row of a file with its time told. */
export interface HistoryRow {
  /** In the file, from 1. */
  readonly line: number;
  readonly atMs: number;
  readonly values: Values;
}

/** What a file states of one meter. */
export interface HistoryPart {
  /** Behind the name of the meter that is imported: '' or `-gas`. */
  readonly suffix: string;
  readonly medium: Medium;
  readonly rows: readonly HistoryRow[];
}

/** `start`, `end`: where in its interval the time of a row lies. */
export interface History {
  readonly format: string;
  readonly timeAt: 'start' | 'end';
  /** Registers are those of the end of the interval that a row's time begins. */
  readonly registersAtEnd: boolean;
  readonly parts: readonly HistoryPart[];
}

export interface HistoryFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Faults that are told of one file; thousands of them help nobody. */
export const HISTORY_FAULTS_MAX = 20;
/** Two months of seconds; a longer history comes in several files. */
export const HISTORY_ROWS_MAX = 6_000_000;

/** Times the target's unit. */
const factors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Wh: { Wh: 1, kWh: 1_000, MWh: 1_000_000 },
  varh: { varh: 1, kvarh: 1_000 },
  VAh: { VAh: 1, kVAh: 1_000 },
  W: { W: 1, kW: 1_000 },
  var: { var: 1, kvar: 1_000 },
  VA: { VA: 1, kVA: 1_000 },
  L: { L: 1, l: 1, m3: 1_000, 'm³': 1_000 },
  'L/h': { 'L/h': 1, 'm3/h': 1_000, 'm³/h': 1_000 },
  J: { J: 1, MJ: 1_000_000, GJ: 1_000_000_000, kWh: 3_600_000 },
  V: { V: 1 },
  A: { A: 1 },
  Hz: { Hz: 1 },
  '°C': { '°C': 1 },
  '': {},
};

const usageUnits: Readonly<Record<UsageName, string>> = {
  importWh: 'Wh',
  exportWh: 'Wh',
  volumeL: 'L',
};

export const unitOf = (target: Target): string =>
  isUsageName(target) ? usageUnits[target] : quantities[target].unit;

/** How many of the target's unit one of another is; undefined where it is no unit of it. */
export const factorOf = (target: Target, unit: string): number | undefined =>
  factors[unitOf(target)]?.[unit];

/** A unit in a column's name, such as `Verbruik (kWh)` or `import_kwh`; the longest one counts. */
export function unitIn(name: string, target: Target): string | undefined {
  const lower = name.trim().toLowerCase();
  const words = lower.split(/[^\p{L}\d³/]+/u);
  return Object.keys(factors[unitOf(target)] ?? {})
    .sort((a, b) => b.length - a.length)
    .find((unit) => {
      const wanted = unit.toLowerCase();
      return words.includes(wanted) || (wanted.length > 1 && lower.endsWith(wanted));
    });
}
