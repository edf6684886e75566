import { ownersOf, partitionOf } from '@wattbus/analyzer';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, until } from '@wattbus/testing';
import { sleep } from './victim.js';
import { ANALYZERS, type Rig } from './rig.js';

/** Milliseconds from the fault to the next result of the meter, which another replica says. */
export interface TakeoverTimes {
  readonly afterKillMs: readonly number[];
  readonly afterFreezeMs: readonly number[];
}

const TIMES_EACH = 3;
/** So long until a replica that came back has its meters again. */
const CALM_MS = 3_000;

/** Kills and freezes the owner of each house's meter in turn, while all else is well. */
export async function measureTakeover(rig: Rig, timesEach = TIMES_EACH): Promise<TakeoverTimes> {
  const owners = ownersOf(ANALYZERS);
  const houses = [...rig.meters];
  const person = await joinBus(rig.brokerUrls[0]!, rig.topicRoot);
  const times = { afterKillMs: [] as number[], afterFreezeMs: [] as number[] };
  try {
    const heard = await person.hear(topics.energyAnalysis);
    for (let i = 0; i < 2 * timesEach; i += 1) {
      const [meter, { said }] = houses[i % houses.length]!;
      const owner = rig.supervisors.get(owners[partitionOf(meter)]!)!;
      await sleep(CALM_MS);
      const isKill = i < timesEach;
      const fromMs = performance.now();
      if (isKill) await owner.kill();
      else owner.freeze();
      // What the owner had said already is about older readings.
      const number = said.length + 1;
      heard.length = 0;
      await until(`a result of ${meter} by another analyzer`, () =>
        heard.some((result) => {
          const exported = result.meter === meter && Date.parse(result.at);
          return exported && exported >= (said[number - 1]?.atMs ?? Infinity);
        }),
      );
      (isKill ? times.afterKillMs : times.afterFreezeMs).push(performance.now() - fromMs);
      if (isKill) owner.launch();
      else owner.thaw();
      await owner.ready();
    }
  } finally {
    await person.leave();
  }
  return times;
}
