import type { Reading } from '@wattbus/energy-model';
import type { MeasurementName, StoredPoint } from '@wattbus/time-series';
import type { HouseMeter } from '../house-meter.js';
import {
  checkAccepted,
  checkGas,
  checkHeard,
  checkJournal,
  checkPayloads,
  checkStored,
  checkStoredResults,
  undisturbedRun,
  undisturbedSite,
  type Undisturbed,
} from './oracle.js';
import type { Tally } from './tally.js';

/** The journal: all that was accepted, by meter. */
export type Accepted = ReadonlyMap<string, readonly Reading[]>;
export type PointsOf = (
  measurement: MeasurementName,
  meter: string,
) => Promise<readonly StoredPoint[]>;

/** What there must be once all has healed. */
export interface Wanted {
  readonly accepted: Accepted;
  readonly runs: ReadonlyMap<string, Undisturbed>;
  readonly site: ReadonlyMap<string, string>;
}

export function wantedOf(accepted: Accepted, zone: string, topicRoot: string): Wanted {
  const runs = new Map<string, Undisturbed>();
  for (const [meter, readings] of accepted) {
    const run = undisturbedRun(readings, zone, topicRoot);
    if (run) runs.set(meter, run);
  }
  return { accepted, runs, site: undisturbedSite([...runs.values()], zone, topicRoot) };
}

/** The journal against what the meters said, and against what was heard on the bus. */
export function judgeAccepted(
  accepted: Accepted,
  meters: ReadonlyMap<string, Pick<HouseMeter, 'said'>>,
  heard: Iterable<Reading>,
  tally: Tally,
): void {
  for (const [name, { said }] of meters) {
    checkAccepted(accepted.get(name) ?? [], said, tally);
    checkGas(accepted.get(`${name}-gas`) ?? [], said, tally);
  }
  for (const readings of accepted.values()) checkJournal(readings, tally);
  checkHeard(accepted, heard, tally);
}

/** What the bus keeps against what there must be. */
export function judgeAnalysis(
  { runs, site }: Wanted,
  kept: ReadonlyMap<string, string>,
  tally: Tally,
): void {
  for (const { payloads } of runs.values()) checkPayloads(payloads, kept, tally);
  checkPayloads(site, kept, tally);
}

/** What is stored against what there must be. */
export async function judgeStore(
  { accepted, runs }: Wanted,
  points: PointsOf,
  tally: Tally,
): Promise<void> {
  for (const [meter, run] of runs) {
    checkStored(accepted.get(meter)!, await points('reading', meter), tally);
    const [quarters, days] = [await points('quarter', meter), await points('day', meter)];
    checkStoredResults(run, { quarters, days }, tally);
  }
}
