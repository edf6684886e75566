/**
 * A day's backlog: the historian was away for a day of readings, and comes back while the meters go
 * on. Prints how fast the backlog drains against the live rate, and what that costs.
 *
 *   BENCH_BACKLOG=86400 BENCH_STORE=influxdb npm run bench drain
 */
import { newChain } from '@wattbus/end-to-end';
import { startTestInfluxdb, until } from '@wattbus/testing';
import { startTcpMeter } from '../chain/tcp-meter.mjs';
import { cpuSeconds, memoryMb } from '../processes.mjs';

const METERS = 8;
const BACKLOG = Number(process.env.BENCH_BACKLOG ?? 86_400);
const STORE = process.env.BENCH_STORE ?? 'influxdb';
/** Each meter says a telegram so often while the backlog drains: ten times as often as meters do. */
const LIVE_MS = 100;
const LIMIT_MS = 600_000;

const influxdb = STORE === 'influxdb' ? await startTestInfluxdb() : null;
const meters = await Promise.all(Array.from({ length: METERS }, startTcpMeter));
const chain = await newChain({
  WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
  ...Object.fromEntries(
    meters.flatMap(({ port }, i) => [
      [`WATTBUS_METERS__${i}__NAME`, `meter-${i}`],
      [`WATTBUS_METERS__${i}__PORT`, port],
      [`WATTBUS_METERS__${i}__PROTOCOL`, 'dsmr'],
    ]),
  ),
  WATTBUS_STORE__KIND: STORE,
  ...(influxdb && {
    WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
    WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
  }),
});
try {
  const broker = await chain.start('broker');
  const ingest = await chain.start('meter-ingest');
  await until('ingest to listen', () => meters.every((one) => one.connected()));
  const perMeter = BACKLOG / METERS;
  await Promise.all(
    meters.map((one) => one.write(Buffer.concat(Array.from({ length: perMeter }, one.next)))),
  );
  const accepted = async () => (await ingest.health())?.counters.readingsAccepted ?? 0;
  await until('the backlog in the journal', async () => (await accepted()) >= BACKLOG, LIMIT_MS);

  const historian = await chain.start('historian');
  const services = [broker, ingest, historian];
  const before = services.map(cpuSeconds);
  const fromMs = performance.now();
  let live = 0;
  const timer = setInterval(() => {
    live += METERS;
    for (const one of meters) void one.write(one.next());
  }, LIVE_MS);
  await until(
    'nothing to lag',
    async () => {
      const { counters } = (await historian.health()) ?? { counters: {} };
      const taken = (counters.readingsTaken ?? 0) - (counters.backlogPoints ?? 0);
      return taken >= BACKLOG + live - METERS;
    },
    LIMIT_MS,
  );
  const seconds = (performance.now() - fromMs) / 1_000;
  clearInterval(timer);
  const rate = BACKLOG / seconds;
  const liveRate = live / seconds;
  console.log(
    `drain        ${Math.round(rate)} readings/s into ${STORE}, ${BACKLOG} of ${METERS} meters in ` +
      `${seconds.toFixed(1)} s, while ${Math.round(liveRate)}/s came live (${Math.round(rate / liveRate)} times)`,
  );
  const readings = BACKLOG + live;
  const used = services.map((one, i) =>
    Math.round(((cpuSeconds(one) - before[i]) / readings) * 1e6),
  );
  console.log(
    `processor    µs a reading: broker ${used[0]}, ingest ${used[1]}, historian ${used[2]}`,
  );
  console.log(`memory       historian ${Math.round(memoryMb(historian))} MB`);
} finally {
  await chain.stop();
  await Promise.all(meters.map((one) => one.close()));
  await influxdb?.stop();
}
