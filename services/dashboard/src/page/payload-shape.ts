import type { HeardTopic } from './topics.js';

/**
 * The services check every payload against the contract's schemas. The page only makes sure that
 * the fields which it shows have their type, so that a stranger's message cannot break it.
 */
type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => Number.isFinite(value);
const truth: Check = (value) => typeof value === 'boolean';
const instant: Check = (value) => text(value) && Number.isFinite(Date.parse(value as string));
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const fields =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const amounts = fields({
  importWh: optional(number),
  exportWh: optional(number),
  volumeL: optional(number),
  heatJ: optional(number),
});

const isCurrency: Check = (value) => text(value) && /^[A-Z]{3}$/.test(value as string);
const expectedBill = fields({ importWh: number, total: number });
const sums = fields({ importWh: number, exportWh: number });
const flows = fields({
  productionWh: number,
  selfConsumptionWh: number,
  selfConsumptionShare: orNull(number),
  autarkyShare: orNull(number),
});
const estimate = { meanWh: number, p10Wh: number, p90Wh: number };

const shapes: Readonly<Record<HeardTopic, Check>> = {
  siteAnalysis: fields({
    at: instant,
    zone: text,
    currency: isCurrency,
    powerW: orNull(number),
    importTodayWh: number,
    exportTodayWh: number,
    importMonthWh: number,
    exportMonthWh: number,
    costToday: number,
    costMonth: number,
    demandAverageW: orNull(number),
    demandPredictedW: orNull(number),
    demandPeakMonthW: orNull(number),
    demandPeakMonthAt: orNull(instant),
    week: optional(sums),
    year: optional(sums),
    billing: optional(sums),
    flows: optional(fields({ today: flows, month: flows })),
    standby: optional(
      fields({
        baseloadW: number,
        yearWh: number,
        yearCost: orNull(number),
        trendW: orNull(number),
      }),
    ),
    forecast: optional(fields({ todayWh: number, tomorrowWh: number })),
    carbon: optional(fields({ todayG: number, monthG: number, gPerKWh: orNull(number) })),
    anomalies: optional(
      listOf(
        fields({
          meter: text,
          kind: text,
          from: instant,
          confidence: text,
          costPerDay: orNull(number),
          reasons: fields({ en: text, ko: text }),
        }),
      ),
    ),
    meters: listOf(
      fields({
        meter: text,
        medium: text,
        role: text,
        at: instant,
        powerW: optional(number),
        today: amounts,
        month: amounts,
      }),
    ),
  }),
  forecastAnalysis: fields({
    meter: text,
    hours: listOf(fields({ start: instant, ...estimate })),
    today: listOf(
      fields({ start: instant, expected: orNull(fields(estimate)), actualWh: orNull(number) }),
    ),
  }),
  meterReading: fields({
    meter: text,
    medium: text,
    role: text,
    at: instant,
    powerW: optional(number),
  }),
  meterState: fields({ meter: text, medium: text, role: text, link: text, reason: text }),
  controlState: fields({
    device: text,
    desired: orNull(truth),
    reported: orNull(truth),
    availability: text,
    decidedBy: text,
    reason: text,
    until: orNull(instant),
    commandsUnacknowledged: number,
  }),
  serviceHealth: fields({
    service: text,
    instance: text,
    at: instant,
    since: instant,
    reason: text,
    state: text,
  }),
  serviceAlert: fields({ at: instant, active: truth, severity: text, text }),
  billAnalysis: fields({
    meter: text,
    at: instant,
    currency: isCurrency,
    period: fields({ from: instant, to: instant }),
    importWh: number,
    today: orNull(number),
    lines: listOf(fields({ id: text, title: text, amount: number })),
    total: number,
    forecast: orNull(fields({ p10: expectedBill, p50: expectedBill, p90: expectedBill })),
    price: fields({
      now: orNull(number),
      slots: listOf(fields({ start: instant, end: instant, pricePerKWh: number })),
    }),
    capacity: orNull(fields({ peakW: number, cost: number })),
    reasons: listOf(fields({ en: text, ko: text })),
  }),
  historyReply: fields({
    id: text,
    resolutionS: number,
    error: optional(text),
    atMs: listOf(number),
    mean: optional(listOf(number)),
  }),
};

const versioned = fields({ v: (value) => value === 1 });

export const isPayload = (topic: HeardTopic, value: unknown): boolean =>
  versioned(value) && shapes[topic](value);
