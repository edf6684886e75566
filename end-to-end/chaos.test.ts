import { expect, test } from '@jest/globals';
import { runChaos } from './src/chaos/run.js';

/** Long enough for each kind of fault; how much happens in it depends on the machine. */
const SECONDS = 20;

test('nothing is lost, doubled or wrong when services, store and connections fail', async () => {
  const { faults, readings, tally } = await runChaos({
    seconds: SECONDS,
    seed: 7,
    store: 'influxdb',
  });
  expect(tally.examples).toEqual([]);
  expect(tally.isClean).toBe(true);
  expect(faults.kills).toBeGreaterThan(0);
  expect(readings).toBeGreaterThan(0);
}, 600_000);
