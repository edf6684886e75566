import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { meterOnBus, person, start, START_MS, stop } from './rig.js';

/** Results of so many are several times what may be under way at once. */
const METERS = 300;

test('what is known of hundreds of meters is all said before an analyzer ends', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  const snapshots = await person.hear(topics.analyzerSnapshot);
  const names = Array.from({ length: METERS }, (_, i) => `home-${i}`);
  const meters = await Promise.all(names.map((name) => meterOnBus(name)));
  const service = await start('a');
  const analysed = (count: number) => () =>
    service.context.counters.get('readingsAnalysed') >= count;
  for (const seq of [1, 2]) {
    for (const meter of meters) {
      await meter.accept(START_MS + seq * 1_000, { powerW: 100 * seq, energyImportWh: 5_000 });
      await meter.sayPosition();
    }
    await until(`reading ${seq} of all`, analysed(seq * METERS));
  }
  await stop(service);
  const namesOf = (heard: readonly { meter: string; seq: number }[]): string[] =>
    [...new Set(heard.filter(({ seq }) => seq === 2).map(({ meter }) => meter))].toSorted();
  const done = (): boolean =>
    [energy, snapshots].every((heard) => namesOf(heard).length === METERS);
  await until('its last words', done);
  expect(namesOf(energy)).toEqual(names.toSorted());
  expect(namesOf(snapshots)).toEqual(names.toSorted());
}, 120_000);
