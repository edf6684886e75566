import {
  dayMessage,
  energyMessage,
  meterResults,
  nextMeterState,
  flatSite,
  summarise,
  type MeterState,
  type SiteState,
} from '@wattbus/analyzer';
import type { Reading } from '@wattbus/energy-model';
import {
  encodePayload,
  topics,
  type DayAnalysis,
  type Quarter,
  type Topic,
} from '@wattbus/mqtt-contract';
import { testConfig } from '@wattbus/testing';
import { readingPoint, type StoredPoint } from '@wattbus/time-series';
import { isDeepStrictEqual } from 'node:util';
import type { Said } from '../house-meter.js';
import type { Tally } from './tally.js';

/**
 * The journal against what the meter said. A connection gives its telegrams in order, so what was
 * accepted of it must be its first ones without a hole; all of them where it did not end.
 */
export function checkAccepted(
  readings: readonly Reading[],
  said: readonly Said[],
  tally: Tally,
): void {
  const accepted = new Set<number>();
  for (const reading of readings) {
    const number = reading.energyExportTariff1Wh ?? 0;
    const one = said[number - 1];
    const what = `telegram ${number} of ${reading.meter} as reading ${reading.seq}`;
    if (!one || !repeats(reading, one)) tally.note('wrong', what);
    if (accepted.has(number)) tally.note('doubled', what);
    accepted.add(number);
  }
  const lastConnection = said.at(-1)?.connection;
  const lastOf = new Map<number, number>();
  for (const { number, connection } of said) {
    if (accepted.has(number) || connection === lastConnection) lastOf.set(connection, number);
  }
  for (const { number, connection } of said) {
    if (connection === 0 || accepted.has(number)) continue;
    if (number <= (lastOf.get(connection) ?? 0)) {
      tally.note('lost', `telegram ${number} on connection ${connection}`);
    }
  }
}

function repeats(reading: Reading, { atMs, energyImportWh, powerW }: Said): boolean {
  const isAt = reading.atSource === 'adjusted' || Date.parse(reading.at) === atMs;
  return isAt && reading.energyImportWh === energyImportWh && reading.powerW === powerW;
}

/** What was said on the bus had been accepted before: it is in the journal as it was said. */
export function checkHeard(
  readings: ReadonlyMap<string, readonly Reading[]>,
  heard: Iterable<Reading>,
  tally: Tally,
): void {
  for (const reading of heard) {
    const { meter, seq } = reading;
    const kept = readings.get(meter)?.[seq - 1];
    const what = `reading ${seq} of ${meter}, which was on the bus`;
    if (!kept) tally.note('lost', what);
    else if (!isDeepStrictEqual(kept, reading)) tally.note('wrong', what);
  }
}

/** A meter behind another one repeats its value in each telegram; it is accepted once. */
export function checkGas(readings: readonly Reading[], said: readonly Said[], tally: Tally): void {
  const volumes = new Set(said.map(({ gasL }) => gasL));
  for (const { meter, seq, volumeL, atSource } of readings) {
    if (!volumes.has(volumeL!)) tally.note('wrong', `${volumeL} l of ${meter}, reading ${seq}`);
    if (atSource === 'adjusted') tally.note('doubled', `the time of ${meter}, reading ${seq}`);
  }
}

/** Numbers 1, 2, 3 … of one epoch, in meter time that always grows. */
export function checkJournal(readings: readonly Reading[], tally: Tally): void {
  for (const [i, { meter, epoch, seq, at }] of readings.entries()) {
    if (seq !== i + 1) return tally.note('lost', `${meter} ${i + 1} in the journal`);
    const before = readings[i - 1];
    if (before && before.epoch !== epoch) tally.note('wrong', `epoch of ${meter} ${seq}`);
    if (before && Date.parse(at) <= Date.parse(before.at)) {
      tally.note('wrong', `time of ${meter} ${seq}`);
    }
  }
}

/** The store against the journal: the same set, with all values. */
export function checkStored(
  readings: readonly Reading[],
  points: readonly StoredPoint[],
  tally: Tally,
): void {
  const stored = new Map(points.map((point) => [point.atMs, point]));
  for (let i = stored.size; i < points.length; i += 1) tally.note('doubled', 'a point by its time');
  const places = points.map(({ fields }) => `${fields['epoch']} ${fields['seq']}`);
  for (let i = new Set(places).size; i < places.length; i += 1) {
    tally.note('doubled', 'a point by its number');
  }
  for (const reading of readings) {
    const wanted = readingPoint(reading);
    const point = stored.get(wanted.atMs);
    const what = `${reading.meter} ${reading.seq} at ${reading.at} in the store`;
    if (!point) tally.note('lost', what);
    else if (!isSame(wanted.fields, point.fields)) tally.note('wrong', what);
    stored.delete(wanted.atMs);
  }
  for (const { tags, atMs } of stored.values()) {
    tally.note('wrong', `${tags['meter']} at ${atMs} in the store but not in the journal`);
  }
}

/** The results of a run in which nothing ever happened. */
export interface Undisturbed {
  readonly state: MeterState;
  /** By the topic's name: the last payload, as it is on the bus. */
  readonly payloads: ReadonlyMap<string, string>;
  readonly days: readonly DayAnalysis[];
  readonly quarters: ReadonlyMap<string, Quarter>;
}

const site = (zone: string) => flatSite(testConfig({ site: { zone } }));

/** Null for a meter without readings. */
export function undisturbedRun(
  readings: readonly Reading[],
  zone: string,
  topicRoot: string,
): Undisturbed | null {
  const here = site(zone);
  const days: DayAnalysis[] = [];
  let state: MeterState | null = null;
  for (const reading of readings) {
    const step = nextMeterState(state, reading, here);
    state = step.state;
    for (const day of step.days) days.push(dayMessage(state, state.dayClosedBy!, day, here));
  }
  if (state === null) return null;
  const last = state;
  const payloads = meterResults.flatMap(({ topic, stampOf, textOf }) => {
    const text = stampOf(last) && textOf(last, here);
    return text === null ? [] : [[topic.topic(topicRoot, { meter: last.meter }), text] as const];
  });
  const quarters = [...days, energyMessage(last)].flatMap((message) => message.quarters);
  return {
    state,
    payloads: new Map(payloads),
    days,
    quarters: new Map(quarters.map((one) => [one.start, one])),
  };
}

/** The summary of the site that these meters make, by its topic. */
export function undisturbedSite(
  runs: readonly Undisturbed[],
  zone: string,
  topicRoot: string,
): ReadonlyMap<string, string> {
  const on = <R>(topic: Topic<R>): ReadonlyMap<string, R> =>
    new Map(
      runs.flatMap(({ state: { meter }, payloads }) => {
        const text = payloads.get(topic.topic(topicRoot, { meter }));
        return text === undefined ? [] : [[meter, JSON.parse(text) as R] as const];
      }),
    );
  const results: SiteState = {
    energy: on(topics.energyAnalysis),
    cost: on(topics.costAnalysis),
    peak: on(topics.peakAnalysis),
    baseload: on(topics.baseloadAnalysis),
    anomaly: on(topics.anomalyAnalysis),
    forecast: on(topics.forecastAnalysis),
    carbon: on(topics.carbonAnalysis),
  };
  const summary = summarise(results, { zone, currency: site(zone).plan[0]!.tariff.currency });
  if (!summary) return new Map();
  const { siteAnalysis } = topics;
  return new Map([[siteAnalysis.topic(topicRoot), encodePayload(siteAnalysis, summary)]]);
}

/** What the bus keeps of the analysis against the undisturbed run, byte by byte. */
export function checkPayloads(
  payloads: ReadonlyMap<string, string>,
  kept: ReadonlyMap<string, string>,
  tally: Tally,
): void {
  for (const [topic, wanted] of payloads) {
    const actual = kept.get(topic);
    if (actual === undefined) tally.note('lost', `result ${topic}`);
    else if (actual !== wanted) {
      tally.note('wrong', `result ${topic}: ${aroundDifference(actual, wanted)}`);
    }
  }
}

/** Stored quarter-hours and closed days against the undisturbed run. */
export function checkStoredResults(
  { days, quarters }: Undisturbed,
  stored: { readonly quarters: readonly StoredPoint[]; readonly days: readonly StoredPoint[] },
  tally: Tally,
): void {
  const quartersAt = new Map(stored.quarters.map((point) => [point.atMs, point.fields]));
  for (const { start, importWh, exportWh, volumeL, estimated } of quarters.values()) {
    const fields = quartersAt.get(Date.parse(start));
    if (!fields) tally.note('lost', `quarter ${start}`);
    else if (!isSame({ importWh, exportWh, volumeL, estimated }, fields)) {
      tally.note('wrong', `quarter ${start}: ${JSON.stringify(fields)}`);
    }
  }
  const daysAt = new Map(stored.days.map((point) => [point.atMs, point.fields]));
  for (const { from, date, importWh, volumeL } of days) {
    const fields = daysAt.get(Date.parse(from));
    if (!fields) tally.note('lost', `day ${date}`);
    else if (
      fields['closed'] !== true ||
      fields['importWh'] !== importWh ||
      fields['volumeL'] !== volumeL
    ) {
      tally.note('wrong', `day ${date}: ${JSON.stringify(fields)}`);
    }
  }
}

/** The same fields with the same values; what is unknown is not there. */
function isSame(
  wanted: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): boolean {
  const known = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return (
    known.length === Object.keys(actual).length &&
    known.every(([name, value]) => actual[name] === value)
  );
}

const CONTEXT = 60;

function aroundDifference(actual: string, wanted: string): string {
  let at = 0;
  while (actual[at] === wanted[at]) at += 1;
  const part = (text: string): string => text.slice(Math.max(0, at - CONTEXT), at + CONTEXT);
  return `«${part(actual)}» instead of «${part(wanted)}»`;
}
