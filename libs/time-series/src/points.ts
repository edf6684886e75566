import { quantities, quantityNames, type QuantityName, type Reading } from '@wattbus/energy-model';
import { insightMeasurements, meterTags } from './insight-measurements.js';

/** How a store keeps a field. Fixed here, once, so that a type conflict cannot arise. */
export type FieldType = 'integer' | 'float' | 'string' | 'boolean';
export type FieldValue = number | string | boolean;

/** One kind of point. Tags and time are a point's identity: writing it again changes nothing. */
export interface Measurement {
  readonly about: string;
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** The types of all quantities: registers and counts are integers, gauges are floats. */
const quantityFields = Object.fromEntries(
  quantityNames.map((name) => [name, quantities[name].integer ? 'integer' : 'float']),
) as Record<QuantityName, FieldType>;

/** Energy, volume or heat in a span of time; only what the meter's medium has is written. */
const amounts = {
  importWh: 'integer',
  exportWh: 'integer',
  volumeL: 'integer',
  heatJ: 'integer',
} as const;

/** The schema of the store: the names that dashboards and queries use come from here. */
export const measurements = {
  reading: {
    about:
      'One accepted telegram; `epoch` and `seq` are its identity in the journal. History that was ' +
      'imported was never in a journal and has neither.',
    tags: meterTags,
    fields: { seq: 'integer', epoch: 'string', receivedMs: 'integer', ...quantityFields },
  },
  quarter: {
    about:
      'A closed quarter-hour, at its start. `importedMin`: a file stated it, in rows of so many ' +
      'minutes; the others come from readings.',
    tags: meterTags,
    fields: { ...amounts, estimated: 'boolean', importedMin: 'integer' },
  },
  day: {
    about: 'A local day, at its start: so far, then its final.',
    tags: meterTags,
    fields: { ...amounts, date: 'string', cost: 'float', currency: 'string', closed: 'boolean' },
  },
  cost: {
    about: 'Cost so far of the running day and month, once in a quarter-hour.',
    tags: meterTags,
    fields: {
      currency: 'string',
      importToday: 'float',
      exportToday: 'float',
      fixedToday: 'float',
      totalToday: 'float',
      totalMonth: 'float',
    },
  },
  bill: {
    about:
      'The bill that is open: so far, as it will be, and what more costs; by the quarter-hour.',
    tags: meterTags,
    fields: {
      currency: 'string',
      periodFrom: 'string',
      importWh: 'integer',
      total: 'float',
      expectedLow: 'float',
      expected: 'float',
      expectedHigh: 'float',
      pricePerKWh: 'float',
      capacityCost: 'float',
      provisional: 'boolean',
    },
  },
  peak: {
    about: 'Highest quarter-hour of the running month so far, once in a quarter-hour.',
    tags: meterTags,
    fields: { peakMonthW: 'float' },
  },
  site: {
    about: 'The whole site, once a minute.',
    tags: [],
    fields: {
      powerW: 'float',
      importTodayWh: 'integer',
      exportTodayWh: 'integer',
      importMonthWh: 'integer',
      exportMonthWh: 'integer',
      costToday: 'float',
      costMonth: 'float',
      currency: 'string',
      demandAverageW: 'float',
      demandPredictedW: 'float',
      demandPeakMonthW: 'float',
      productionTodayWh: 'integer',
      loadTodayWh: 'integer',
      selfConsumptionTodayWh: 'integer',
      selfConsumptionShare: 'float',
      autarkyShare: 'float',
      standbyW: 'float',
      standbyYearCost: 'float',
      forecastTodayWh: 'float',
      forecastTomorrowWh: 'float',
      carbonTodayG: 'float',
    },
  },
  ...insightMeasurements,
  event: {
    about: 'Something that happened to a meter or to the grid.',
    tags: ['meter', 'kind'],
    fields: { detail: 'string', durationS: 'float' },
  },
  device: {
    about: 'A controlled device whenever its state or the reason for it changes.',
    tags: ['device'],
    fields: {
      desired: 'boolean',
      reported: 'boolean',
      availability: 'string',
      decidedBy: 'string',
      reason: 'string',
    },
  },
  alert: {
    about: 'An alert when it comes and when it goes.',
    tags: ['service', 'name'],
    fields: { active: 'boolean', severity: 'string', text: 'string' },
  },
} as const satisfies Record<string, Measurement>;

export type MeasurementName = keyof typeof measurements;
export const measurementNames = Object.keys(measurements) as readonly MeasurementName[];

export interface Point {
  readonly measurement: MeasurementName;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent, `undefined`, `null` and NaN all mean unknown and are not stored. */
  readonly fields: Readonly<Record<string, FieldValue | null | undefined>>;
  /** Unix milliseconds. */
  readonly atMs: number;
}

export function readingPoint(reading: Reading): Point {
  const fields: Record<string, FieldValue | undefined> = {
    seq: reading.seq,
    epoch: reading.epoch,
    receivedMs: Date.parse(reading.receivedAt),
  };
  for (const name in reading) {
    if (name in quantityFields) fields[name] = reading[name as QuantityName];
  }
  const tags = { meter: reading.meter, medium: reading.medium, role: reading.role };
  return { measurement: 'reading', tags, fields, atMs: Date.parse(reading.at) };
}

export type Checked =
  { readonly ok: true; readonly point: Point } | { readonly ok: false; readonly reason: string };

/** InfluxDB counts nanoseconds in 64 bits. */
const AT_MS_MAX = 9_223_372_036_854;

/**
 * A point that any store takes: unknown values left out, all else of its field's type. Neither
 * driver does this itself, and one bad value would fail the batch that it is in.
 */
export function checkPoint(point: Point): Checked {
  const measurement: Measurement = measurements[point.measurement];
  if (!(Number.isSafeInteger(point.atMs) && point.atMs > 0 && point.atMs <= AT_MS_MAX)) {
    return refuse(`time is no instant between 1970 and 2262: ${point.atMs} ms`);
  }
  for (const tag in point.tags) {
    if (!measurement.tags.includes(tag)) return refuse(`${tag}: no tag of ${point.measurement}`);
    // A line break would end the line of the line protocol, a trailing backslash escape it.
    if (!/^[^\n\r\\]+$/.test(point.tags[tag]!)) return refuse(`${tag}: not a tag's value`);
  }
  let unknown = 0;
  let known = 0;
  for (const name in point.fields) {
    const type = measurement.fields[name];
    if (type === undefined) return refuse(`${name}: no field of ${point.measurement}`);
    const value = point.fields[name];
    if (isUnknown(value)) unknown += 1;
    else if (hasType(value, type)) known += 1;
    else return refuse(`${name}: expected ${type}, received ${typeof value} ${String(value)}`);
  }
  if (known === 0) return refuse('no value is known');
  return { ok: true, point: unknown === 0 ? point : withoutUnknown(point) };
}

const refuse = (reason: string): Checked => ({ ok: false, reason });

const isUnknown = (value: unknown): value is null | undefined =>
  value === null || value === undefined || Number.isNaN(value);

const typeChecks: Record<FieldType, (value: FieldValue) => boolean> = {
  integer: Number.isSafeInteger,
  float: Number.isFinite,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
};
const hasType = (value: FieldValue, type: FieldType): boolean => typeChecks[type](value);

function withoutUnknown(point: Point): Point {
  const fields = Object.entries(point.fields).filter(([, value]) => !isUnknown(value));
  return { ...point, fields: Object.fromEntries(fields) };
}
