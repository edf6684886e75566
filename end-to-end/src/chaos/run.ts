import type { Reading } from '@wattbus/energy-model';
import { until } from '@wattbus/testing';
import { act, type FaultCounts } from './actor.js';
import {
  checkAccepted,
  checkGas,
  checkJournal,
  checkPayloads,
  checkStored,
  checkStoredResults,
  undisturbedRun,
} from './oracle.js';
import { startRig, ZONE, type Rig, type RigOptions } from './rig.js';
import { settle, type Remains } from './settle.js';
import { measureTakeover, type TakeoverTimes } from './takeover.js';
import { Tally } from './tally.js';

export interface ChaosOptions extends RigOptions {
  readonly seconds: number;
  /** Before the faults begin, while all is well. */
  readonly measuresTakeover?: boolean;
}

export interface ChaosReport {
  readonly faults: FaultCounts;
  /** Accepted readings, of all meters. */
  readonly readings: number;
  readonly said: number;
  readonly daysClosed: number;
  readonly takeover: TakeoverTimes | null;
  readonly tally: Tally;
}

const TELEGRAM_MS = 40;

/**
 * Lets the seed's faults happen to a whole chain under load, waits until it has healed, and
 * compares what the meters said, the journal, the store and the analysis, as sets with values.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const rig = await startRig(options);
  try {
    for (const meter of rig.meters.values()) meter.talk(TELEGRAM_MS);
    await until('telegrams that are heard', () =>
      [...rig.meters.values()].every(({ said }) => (said.at(-1)?.connection ?? 0) > 0),
    );
    const takeover = options.measuresTakeover ? await measureTakeover(rig) : null;
    const faults = await act(rig.stage, options.seed, options.seconds * 1000);
    const remains = await settle(rig);
    try {
      return { faults, takeover, ...(await judge(rig, remains)) };
    } finally {
      await remains.close();
    }
  } finally {
    await rig.stop();
  }
}

async function judge(
  rig: Rig,
  remains: Remains,
): Promise<Pick<ChaosReport, 'readings' | 'said' | 'daysClosed' | 'tally'>> {
  const tally = new Tally();
  let daysClosed = 0;
  for (const [name, { said }] of rig.meters) {
    checkAccepted(remains.readings.get(name) ?? [], said, tally);
    checkGas(remains.readings.get(`${name}-gas`) ?? [], said, tally);
  }
  for (const [meter, readings] of remains.readings) {
    checkJournal(readings, tally);
    daysClosed += await judgeConsumers({ rig, remains, tally }, meter, readings);
  }
  const all = [...remains.readings.values()];
  return {
    readings: all.reduce((sum, { length }) => sum + length, 0),
    said: [...rig.meters.values()].reduce((sum, { said }) => sum + said.length, 0),
    daysClosed,
    tally,
  };
}

async function judgeConsumers(
  { rig, remains, tally }: { rig: Rig; remains: Remains; tally: Tally },
  meter: string,
  readings: readonly Reading[],
): Promise<number> {
  checkStored(readings, await remains.points('reading', meter), tally);
  const wanted = await undisturbedRun(readings, ZONE, rig.topicRoot);
  checkPayloads(wanted, remains.kept, tally);
  const stored = {
    quarters: await remains.points('quarter', meter),
    days: await remains.points('day', meter),
  };
  checkStoredResults(wanted, stored, tally);
  return wanted.days.length;
}
