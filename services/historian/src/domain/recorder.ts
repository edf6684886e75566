import type {
  Alert,
  BillAnalysis,
  CostAnalysis,
  DayAnalysis,
  DeviceState,
  EnergyAnalysis,
  MeterEvent,
  PeakAnalysis,
  Quarter,
  SiteAnalysis,
} from '@wattbus/mqtt-contract';
import type { Point } from '@wattbus/time-series';
import {
  insightPoints,
  siteInsightFields,
  type InsightName,
  type Insights,
} from './insight-points.js';

/** New points of a message. `accept` is called once they are taken, and is what remembers. */
export interface Proposal {
  readonly points: readonly Point[];
  accept(): void;
}

/** Meters, devices and alerts remembered; forgetting one only writes its points once more. */
const REMEMBERED_MAX = 20_000;

const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;

interface Meter {
  readonly meter: string;
  readonly medium: string;
  readonly role: string;
}

interface Amounts {
  readonly importWh?: number | undefined;
  readonly exportWh?: number | undefined;
  readonly volumeL?: number | undefined;
  readonly heatJ?: number | undefined;
}

/**
 * Messages of analysis and control → the points that they add. Messages repeat themselves (each
 * carries the whole day), so what is in the store already is remembered and left out.
 */
export class Recorder {
  /** By kind and subject: what was last written of it. */
  readonly #written = new Map<string, string>();
  /** By meter: the quarter-hours of its last message, as they were written. */
  readonly #quarters = new Map<string, ReadonlyMap<string, string>>();
  /** By kind and meter: the newest result seen; an analyzer that lost a meter may say older ones. */
  readonly #newest = new Map<string, { epoch: string; seq: number }>();

  energy(message: EnergyAnalysis): Proposal {
    if (this.#isStale('energy', message)) return nothing;
    const { points, accept } = this.#newQuarters(message, message.quarters);
    const { date, from, ...amounts } = message.today;
    const closed = this.#written.get(`day ${message.meter}`) ?? '';
    if (points.length === 0 || date <= closed) return { points, accept };
    return { points: [...points, dayPoint(message, from, { date, ...amounts })], accept };
  }

  day(message: DayAnalysis): Proposal {
    if (this.#isStale('day', message)) return nothing;
    const { meter, date } = message;
    const newest = this.#written.get(`day ${meter}`) ?? '';
    if (newest > date && !message.repriced) return nothing;
    return {
      points: finalPoints(message),
      accept: () => this.#remember(`day ${meter}`, date > newest ? date : newest),
    };
  }

  cost(message: CostAnalysis): Proposal {
    if (this.#isStale('cost', message)) return nothing;
    const { today, month, currency } = message;
    return this.#oncePer(QUARTER_MS, `cost ${message.meter}`, {
      measurement: 'cost',
      tags: meterTags(message),
      fields: {
        currency,
        importToday: today.import,
        exportToday: today.export,
        fixedToday: today.fixed,
        totalToday: today.total,
        totalMonth: month.total,
      },
      atMs: Date.parse(message.at),
    });
  }

  bill(message: BillAnalysis): Proposal {
    if (this.#isStale('bill', message)) return nothing;
    const { currency, period, importWh, total, forecast, price, capacity, provisional } = message;
    return this.#whenChanged(`bill ${message.meter}`, {
      measurement: 'bill',
      tags: meterTags(message),
      fields: {
        currency,
        periodFrom: period.from,
        importWh,
        total,
        expectedLow: forecast?.p10.total,
        expected: forecast?.p50.total,
        expectedHigh: forecast?.p90.total,
        pricePerKWh: price.now,
        capacityCost: capacity?.cost,
        provisional,
      },
      atMs: Date.parse(message.at),
    });
  }

  peak(message: PeakAnalysis): Proposal {
    if (this.#isStale('peak', message) || message.month.peakW === null) return nothing;
    return this.#oncePer(QUARTER_MS, `peak ${message.meter}`, {
      measurement: 'peak',
      tags: meterTags(message),
      fields: { peakMonthW: message.month.peakW },
      atMs: Date.parse(message.at),
    });
  }

  site(message: SiteAnalysis): Proposal {
    return this.#oncePer(MINUTE_MS, 'site', {
      measurement: 'site',
      tags: {},
      fields: {
        ...Object.fromEntries(siteFields.map((name) => [name, message[name]])),
        ...siteInsightFields(message),
      },
      atMs: Date.parse(message.at),
    });
  }

  /** One that repeats itself, as after a new connection, is left out. */
  insight<Name extends InsightName>(name: Name, message: Insights[Name]): Proposal {
    if (this.#isStale(name, message)) return nothing;
    const key = `${name} ${message.meter}`;
    const text = `${message.epoch} ${message.seq}`;
    const points = this.#written.get(key) === text ? [] : insightPoints[name](message);
    return { points, accept: () => this.#remember(key, text) };
  }

  event({ meter, kind, at, detail, durationS }: MeterEvent): Proposal {
    const tags = { meter, kind };
    const fields = { detail, durationS };
    return always({ measurement: 'event', tags, fields, atMs: Date.parse(at) });
  }

  device(state: DeviceState): Proposal {
    const { device, desired, reported, availability, decidedBy, reason } = state;
    return this.#whenChanged(`device ${device}`, {
      measurement: 'device',
      tags: { device },
      fields: { desired, reported, availability, decidedBy, reason },
      atMs: Date.parse(state.at),
    });
  }

  alert(service: string, name: string, { at, active, severity, text }: Alert): Proposal {
    return this.#whenChanged(`alert ${service} ${name}`, {
      measurement: 'alert',
      tags: { service, name },
      fields: { active, severity, text },
      atMs: Date.parse(at),
    });
  }

  #newQuarters(message: Meter, quarters: readonly Quarter[]): Proposal {
    const before = this.#quarters.get(message.meter);
    const now = new Map(quarters.map((quarter) => [quarter.start, JSON.stringify(quarter)]));
    const fresh = quarters.filter(({ start }) => before?.get(start) !== now.get(start));
    return {
      points: fresh.map((quarter) => quarterPoint(message, quarter)),
      accept: () => {
        if (this.#quarters.size >= REMEMBERED_MAX) this.#quarters.clear();
        this.#quarters.set(message.meter, now);
      },
    };
  }

  #isStale(kind: string, { meter, epoch, seq }: Meter & { epoch: string; seq: number }): boolean {
    const key = `${kind} ${meter}`;
    const newest = this.#newest.get(key);
    if (newest && newest.epoch === epoch && seq < newest.seq) return true;
    if (this.#newest.size >= REMEMBERED_MAX) this.#newest.clear();
    this.#newest.set(key, { epoch, seq });
    return false;
  }

  #oncePer(widthMs: number, key: string, point: Point): Proposal {
    const slot = String(Math.floor(point.atMs / widthMs));
    if (this.#written.get(key) === slot) return nothing;
    return { points: [point], accept: () => this.#remember(key, slot) };
  }

  #whenChanged(key: string, point: Point): Proposal {
    const text = JSON.stringify(point.fields);
    if (this.#written.get(key) === text) return nothing;
    return { points: [point], accept: () => this.#remember(key, text) };
  }

  #remember(key: string, text: string): void {
    if (this.#written.size >= REMEMBERED_MAX) this.#written.clear();
    this.#written.set(key, text);
  }
}

/** The points of a closed day; its own is the last one, so where it is stored they all are. */
export function finalPoints(message: DayAnalysis): readonly Point[] {
  const { cost, currency } = message;
  const quarters = message.quarters.map((quarter) => quarterPoint(message, quarter));
  return [
    ...quarters,
    dayPoint(message, message.from, { ...message, cost, currency, closed: true }),
  ];
}

const siteFields = [
  'powerW',
  'importTodayWh',
  'exportTodayWh',
  'importMonthWh',
  'exportMonthWh',
  'costToday',
  'costMonth',
  'currency',
  'demandAverageW',
  'demandPredictedW',
  'demandPeakMonthW',
] as const satisfies readonly (keyof SiteAnalysis)[];

const nothing: Proposal = { points: [], accept: () => undefined };
const always = (point: Point): Proposal => ({ points: [point], accept: () => undefined });

const meterTags = ({ meter, medium, role }: Meter): Point['tags'] => ({ meter, medium, role });

function quarterPoint(meter: Meter, { start, estimated, ...amounts }: Quarter): Point {
  const fields = { ...amountsOf(amounts), estimated };
  return { measurement: 'quarter', tags: meterTags(meter), fields, atMs: Date.parse(start) };
}

interface Day extends Amounts {
  readonly date: string;
  readonly cost?: number | undefined;
  readonly currency?: string | undefined;
  readonly closed?: boolean;
}

function dayPoint(meter: Meter, from: string, day: Day): Point {
  const { date, cost, currency, closed = false } = day;
  const fields = { ...amountsOf(day), date, cost, currency, closed };
  return { measurement: 'day', tags: meterTags(meter), fields, atMs: Date.parse(from) };
}

const amountsOf = ({ importWh, exportWh, volumeL, heatJ }: Amounts): Amounts => ({
  importWh,
  exportWh,
  volumeL,
  heatJ,
});
