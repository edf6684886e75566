import type { Reading } from '@wattbus/energy-model';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, until } from '@wattbus/testing';
import { act, type FaultCounts } from './actor.js';
import { judgeAccepted, judgeAnalysis, judgeStore, wantedOf, type Accepted } from './judge.js';
import { startRig, ZONE, type Rig, type RigOptions } from './rig.js';
import { calmDown, heal, pointsIn } from './settle.js';
import { measureTakeover, type TakeoverTimes } from './takeover.js';
import { Tally } from './tally.js';

export interface ChaosOptions extends RigOptions {
  readonly seconds: number;
  /** Before the faults begin, while all is well. */
  readonly measuresTakeover?: boolean;
}

export interface ChaosReport {
  readonly faults: FaultCounts;
  /** All that were accepted, of all meters, those behind other meters included. */
  readonly readings: number;
  readonly telegrams: TelegramCounts;
  readonly daysClosed: number;
  readonly takeover: TakeoverTimes | null;
  readonly tally: Tally;
}

/** What became of what the meters said. */
export interface TelegramCounts {
  readonly said: number;
  readonly accepted: number;
  /** While nobody was connected to the meter; a meter does not repeat itself. */
  readonly toNobody: number;
}

const TELEGRAM_MS = 100;

/**
 * Lets the seed's faults happen to a whole chain under load, waits until it has healed, and
 * compares what the meters said, the journal, the store and the analysis, as sets with values.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const rig = await startRig(options);
  const witness = await startWitness(rig);
  try {
    for (const meter of rig.meters.values()) meter.talk(TELEGRAM_MS);
    await until('telegrams that are heard', () =>
      [...rig.meters.values()].every(({ said }) => (said.at(-1)?.connection ?? 0) > 0),
    );
    // By now all code has been needed once; the next lives find it compiled.
    for (const service of rig.services.values()) service.signal('SIGUSR2');
    const takeover = options.measuresTakeover ? await measureTakeover(rig) : null;
    for (const supervisor of rig.supervisors.values()) supervisor.arm();
    await act(rig.stage, options.seed, { forMs: options.seconds * 1000, counts: rig.counts });
    const accepted = await calmDown(rig);
    judgeAccepted(accepted, rig.meters, witness.heard.values(), rig.tally);
    const daysClosed = await judgeConsumers(rig, accepted);
    return { faults: rig.counts, takeover, daysClosed, tally: rig.tally, ...counts(rig, accepted) };
  } finally {
    await witness.leave();
    await rig.stop();
  }
}

async function judgeConsumers(rig: Rig, accepted: Accepted): Promise<number> {
  const wanted = wantedOf(accepted, ZONE, rig.topicRoot);
  const store = rig.openStore();
  const points = pointsIn(store);
  try {
    const kept = await heal(rig, async (now) => {
      const tally = new Tally();
      judgeAnalysis(wanted, now, tally);
      if (tally.isClean) await judgeStore(wanted, points, tally);
      return tally.isClean;
    });
    judgeAnalysis(wanted, kept, rig.tally);
    await judgeStore(wanted, points, rig.tally);
  } finally {
    await store.close();
  }
  return [...wanted.runs.values()].reduce((sum, { days }) => sum + days.length, 0);
}

function counts(rig: Rig, accepted: Accepted): Pick<ChaosReport, 'readings' | 'telegrams'> {
  const said = [...rig.meters.values()].flatMap((meter) => meter.said);
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, name) => total + (accepted.get(name)?.length ?? 0), 0);
  return {
    readings: sum(accepted.keys()),
    telegrams: {
      said: said.length,
      accepted: sum(rig.meters.keys()),
      toNobody: said.filter(({ connection }) => connection === 0).length,
    },
  };
}

/** Somebody who hears readings on the bus, as long as there is one. */
async function startWitness(
  rig: Rig,
): Promise<{ heard: ReadonlyMap<string, Reading>; leave(): Promise<void> }> {
  const heard = new Map<string, Reading>();
  const { client, leave } = await joinBus(rig.brokerUrls[0]!, rig.topicRoot);
  client.on('message', (_topic, bytes) => {
    const reading = JSON.parse(bytes.toString('utf8')) as Reading;
    heard.set(`${reading.meter} ${reading.epoch} ${reading.seq}`, reading);
  });
  await client.subscribeAsync(topics.meterReading.filter(rig.topicRoot), { qos: rig.qosMax });
  return { heard, leave };
}
