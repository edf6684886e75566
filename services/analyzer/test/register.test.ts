import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { kill, meterOnBus, MINUTE_MS, person, readings, start, START_MS } from './rig.js';

test('registers go on over a replaced meter, and over another replica', async () => {
  const heard = await person.hear(topics.registerAnalysis, { meter: 'main' });
  const events = await person.hear(topics.meterEvent, { meter: 'main' });
  const first = await start('a');
  const meter = await meterOnBus('main');
  await readings(meter, 0, 5);
  const newMeter = async (from: number, to: number): Promise<void> => {
    for (let minute = from; minute <= to; minute += 1) {
      const energyImportWh = 7 + (minute - 6) * 20;
      await meter.accept(START_MS + minute * MINUTE_MS, { powerW: 1200, energyImportWh });
    }
    await meter.sayPosition();
  };
  await newMeter(6, 10);
  const counted = (wh: number) => () => heard.at(-1)?.energyImportWh?.value === wh;
  await until('the new meter to be counted', counted(1_000_000 + 9 * 20));
  expect(heard.at(-1)).toMatchObject({
    medium: 'electricity',
    energyImportWh: { offset: 1_000_100 - 7 },
    energyExportWh: { value: 0, offset: 0 },
  });
  await kill(first);
  await start('b');
  await newMeter(11, 20);
  await until('the other replica to go on', counted(1_000_000 + 19 * 20));
  const values = heard.map(({ energyImportWh }) => energyImportWh!.value);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  // Whoever reads the meter tells of it, before its register falls; nobody tells it twice.
  expect(events.filter(({ kind }) => kind === 'replaced')).toEqual([]);
});
