import type { Medium } from '@wattbus/energy-model';
import { factorOf, isTarget, unitIn, unitOf, type Target } from './history.js';

/** A column of a file and what is taken from it; several columns of one target are added. */
export interface LayoutColumn {
  readonly at: number;
  readonly target: Target;
  readonly factor: number;
  readonly suffix: string;
  readonly medium: Medium;
}

/** Where in a file of rows things are. */
export interface Layout {
  readonly format: string;
  /** One column, or a date and a time of day. */
  readonly time: readonly number[];
  readonly timeAt: 'start' | 'end';
  /** Registers are those of the end of the interval that a row's time begins. */
  readonly registersAtEnd?: boolean;
  readonly columns: readonly LayoutColumn[];
  /** Rows of several series, told apart by a column; theirs are the targets of `columns`. */
  readonly ids?: { readonly at: number; readonly unitAt: number | null; readonly valueAt: number };
}

/** What the person said of the file. */
export interface LayoutOptions {
  readonly time?: string | undefined;
  readonly timeAt?: 'start' | 'end' | undefined;
  readonly unit?: string | undefined;
  /** Names of columns, or of series, and what they hold. */
  readonly columns: ReadonlyMap<string, Target>;
}

export type FoundLayout = Layout | { readonly fault: string };

interface Format {
  readonly name: string;
  /** Null where the header is another format's. */
  layout(header: readonly string[], options: LayoutOptions): FoundLayout | null;
}

/** What DSMR-reader calls its columns: those of statistics, and those of readings. */
const dsmrReaderUsage: Readonly<Record<string, readonly [Target, number, string]>> = {
  electricity1: ['importWh', 1_000, ''],
  electricity2: ['importWh', 1_000, ''],
  electricity1_returned: ['exportWh', 1_000, ''],
  electricity2_returned: ['exportWh', 1_000, ''],
  gas: ['volumeL', 1_000, '-gas'],
};
const dsmrReaderReadings: Readonly<Record<string, readonly [Target, number, string]>> = {
  electricity_delivered_1: ['energyImportTariff1Wh', 1_000, ''],
  electricity_delivered_2: ['energyImportTariff2Wh', 1_000, ''],
  electricity_returned_1: ['energyExportTariff1Wh', 1_000, ''],
  electricity_returned_2: ['energyExportTariff2Wh', 1_000, ''],
  phase_voltage_l1: ['voltageL1V', 1, ''],
  phase_voltage_l2: ['voltageL2V', 1, ''],
  phase_voltage_l3: ['voltageL3V', 1, ''],
  phase_power_current_l1: ['currentL1A', 1, ''],
  phase_power_current_l2: ['currentL2A', 1, ''],
  phase_power_current_l3: ['currentL3A', 1, ''],
  extra_device_delivered: ['volumeL', 1_000, '-gas'],
};

const mediumOf = (target: Target): Medium =>
  unitOf(target) === 'L' ? 'gas' : unitOf(target) === 'J' ? 'heat' : 'electricity';

/** Columns by their names in a table, all of one kind of file. */
const byTable = (
  format: string,
  times: readonly string[],
  table: Readonly<Record<string, readonly [Target, number, string]>>,
): Format => ({
  name: format,
  layout: (header, { timeAt = 'start' }) => {
    const time = header.findIndex((name) => times.includes(name));
    const columns = header.flatMap((name, at): LayoutColumn[] => {
      const known = Object.hasOwn(table, name) ? table[name] : undefined;
      if (!known) return [];
      const [target, factor, suffix] = known;
      return [{ at, target, factor, suffix, medium: mediumOf(target) }];
    });
    if (time === -1 || columns.length === 0) return null;
    return { format, time: [time], timeAt, columns };
  },
});

const idNames = ['statistic_id', 'entity_id'];
const instantNames = ['last_changed', 'last_updated'];
const startNames = ['start', 'start_ts', 'start_time'];
const valueNames = ['sum', 'state', 'value'];

/** Home Assistant: its history, and its long-term statistics, whose values are those of an end. */
const homeAssistant: Format = {
  name: 'home-assistant',
  layout: (header, { columns, timeAt }) => {
    const find = (names: readonly string[]): number =>
      names.map((name) => header.indexOf(name)).find((at) => at !== -1) ?? -1;
    const [id, start, value] = [find(idNames), find(startNames), find(valueNames)];
    const time = start === -1 ? find(instantNames) : start;
    if (id === -1 || time === -1 || value === -1) return null;
    const unitAt = find(['unit', 'unit_of_measurement']);
    return {
      format: 'home-assistant',
      time: [time],
      timeAt: timeAt ?? 'start',
      registersAtEnd: start !== -1,
      columns: [...columns.values()].map((target) => ({
        at: value,
        target,
        factor: 1,
        suffix: '',
        medium: mediumOf(target),
      })),
      ids: { at: id, unitAt: unitAt === -1 ? null : unitAt, valueAt: value },
    };
  },
};

const timePattern = /^(ts?|at)$|time|date|datum|zeit|start|heure|tijd|from|일시|시간/i;
const exportPattern = /export|inject|feed|einspeis|teruglever|retour|return|produc/i;
const importPattern = /import|consum|usage|use|afname|verbruik|bezug|verbrauch|energy|wh|사용/i;

/** Any other table: columns named as our quantities are, as the person says, or by their words. */
const anyTable: Format = {
  name: 'csv',
  layout: (header, options) => {
    const time = timeColumns(header, options.time);
    if (typeof time === 'string') return { fault: time };
    const named = namedColumns(header, options);
    if (typeof named === 'string') return { fault: named };
    const columns = named.length > 0 ? named : guessedColumns(header, time, options);
    const faults = columns.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
    if (faults.length > 0) return { fault: faults.join('; ') };
    if (columns.length === 0) {
      return {
        fault: `no column says what it holds; give --column NAME=QUANTITY. ${listed(header)}`,
      };
    }
    const timeAt = options.timeAt ?? 'start';
    return { format: 'csv', time, timeAt, columns: columns.map(({ column }) => column) };
  },
};

const listed = (header: readonly string[]): string => `Columns are ${header.join(', ')}`;

function timeColumns(header: readonly string[], wanted: string | undefined): number[] | string {
  if (wanted === undefined) {
    const at = header.findIndex((name) => timePattern.test(name));
    return at === -1 ? `no column of times; give --time NAME. ${listed(header)}` : [at];
  }
  const names = header.includes(wanted) ? [wanted] : wanted.split('+');
  const missing = names.find((name) => !header.includes(name));
  if (missing !== undefined) return `there is no column "${missing}". ${listed(header)}`;
  return names.map((name) => header.indexOf(name));
}

interface Named {
  readonly column: LayoutColumn;
  readonly fault?: string;
}

function namedColumns(header: readonly string[], options: LayoutOptions): Named[] | string {
  const missing = [...options.columns.keys()].find((name) => !header.includes(name));
  if (missing !== undefined) return `there is no column "${missing}". ${listed(header)}`;
  return header.flatMap((name, at): Named[] => {
    const target = options.columns.get(name) ?? (isTarget(name) ? name : undefined);
    if (target === undefined) return [];
    return [
      columnOf({ name, at, target, ...(name === target ? { unit: unitOf(target) } : {}) }, options),
    ];
  });
}

function guessedColumns(
  header: readonly string[],
  time: readonly number[],
  options: LayoutOptions,
): Named[] {
  const find = (pattern: RegExp, taken: readonly number[]): number =>
    header.findIndex((name, at) => !taken.includes(at) && pattern.test(name));
  const exportAt = find(exportPattern, time);
  const importAt = find(importPattern, [...time, exportAt]);
  const found: readonly (readonly [number, Target])[] = [
    [importAt, 'importWh'],
    [exportAt, 'exportWh'],
  ];
  return found
    .filter(([at]) => at !== -1)
    .map(([at, target]) => columnOf({ name: header[at]!, at, target }, options));
}

function columnOf(
  { name, at, target, unit }: { name: string; at: number; target: Target; unit?: string },
  options: LayoutOptions,
): Named {
  const stated = unit ?? unitIn(name, target) ?? options.unit;
  const factor = stated === undefined ? undefined : factorOf(target, stated);
  const medium = mediumOf(target);
  const suffix = medium === 'electricity' ? '' : `-${medium}`;
  const column = { at, target, factor: factor ?? 1, suffix, medium };
  if (factor !== undefined) return { column };
  if (unitOf(target) === '') return { column };
  const fault =
    stated === undefined
      ? `"${name}" does not say its unit; give --unit`
      : `"${name}": ${stated} is no unit of ${target}`;
  return { column, fault };
}

/** The first that knows the header is taken. */
const formats: readonly Format[] = [
  byTable('dsmr-reader', ['hour_start', 'day'], dsmrReaderUsage),
  byTable('dsmr-reader', ['timestamp', 'read_at'], dsmrReaderReadings),
  homeAssistant,
  anyTable,
];

export function layoutOf(header: readonly string[], options: LayoutOptions): FoundLayout {
  const names = header.map((name) => name.trim());
  for (const format of formats) {
    const layout = format.layout(names, options);
    if (layout) return layout;
  }
  return { fault: 'the file is empty' };
}
