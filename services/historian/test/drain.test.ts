import { expect, jest, test } from '@jest/globals';
import { Counters, startService } from '@wattbus/nest-mqtt';
import { startTestBroker, testConfig, until } from '@wattbus/testing';
import { BACKLOG_POINTS_MAX } from '../src/domain/backlog.js';
import { historian } from '../src/index.js';
import { JournalOnBus, storedReadings, storePlaces } from './rig.js';

/** One meter, a reading a second, for a day. */
const DAY_READINGS = 86_400;
const CHUNK = 10_000;

test('a backlog of a day drains while live readings are stored as they come', async () => {
  const broker = await startTestBroker();
  const place = await storePlaces.SQLite();
  const ingest = await JournalOnBus.open();
  const bus = await ingest.join(broker.url);
  for (let made = 0; made < DAY_READINGS; made += CHUNK) {
    await ingest.accept('main', Math.min(CHUNK, DAY_READINGS - made));
  }
  await ingest.publish(bus, await ingest.accept('pv', 1));
  await ingest.publish(bus, await ingest.accept('main', 1));
  const config = testConfig({
    mqtt: { url: broker.url },
    logLevel: 'fatal',
    store: place.settings,
  });
  const service = await startService(historian, config);
  const { counters } = service.context;
  // Looked at from here it is empty: what was waited for has just been stored.
  let backlogMax = 0;
  const set = jest.spyOn(counters, 'set').mockImplementation((name, value) => {
    if (name === 'backlogPoints') backlogMax = Math.max(backlogMax, value);
    Counters.prototype.set.call(counters, name, value);
  });
  const store = place.open();
  const storedSeq = async (meter: string): Promise<number> => {
    const found = await store.readCursors();
    const cursors = found.outcome === 'found' ? found.value : [];
    return cursors.find((one) => one.meter === meter)?.seq ?? 0;
  };

  let whileDraining = 0;
  await until('the live meter', async () => (await storedSeq('pv')) === 1);
  for (let n = 2; (await storedSeq('main')) <= DAY_READINGS; n += 1) {
    await ingest.publish(bus, await ingest.accept('pv', 1));
    await until('the live reading', async () => (await storedSeq('pv')) >= n);
    if ((await storedSeq('main')) < DAY_READINGS) whileDraining += 1;
  }
  expect(whileDraining).toBeGreaterThan(10);
  expect(backlogMax).toBeGreaterThan(0);
  expect(backlogMax).toBeLessThanOrEqual(BACKLOG_POINTS_MAX);
  set.mockRestore();
  await service.stop();
  const main = await storedReadings(store, 'main');
  expect(main).toHaveLength(DAY_READINGS + 1);
  expect(main.every(({ fields }, i) => fields['seq'] === i + 1)).toBe(true);
  await store.close();
  await bus.leave();
  await ingest.close();
  await place.remove();
  await broker.stop();
}, 400_000);
