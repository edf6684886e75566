/**
 * How many meters a set of machines carries: readings through broker, analyzers and historian, by
 * number of meters and of analyzers, with processor time a reading and memory of each process.
 *
 *   BENCH_METERS=1000,10000 BENCH_ANALYZERS=1,2,4 BENCH_STORE=sqlite npm run bench capacity
 *
 * With BENCH_TRACE=5 the counters of all are printed every five seconds, to see what is waited for.
 *
 * Readings come as fast as the broker takes them. Processor time a reading is the figure to carry
 * over to another machine; readings a second are those of this one, which runs everything.
 */
import { newChain } from '@wattbus/end-to-end';
import { startTestInfluxdb } from '@wattbus/testing';
import { cpuSeconds, memoryMb } from '../processes.mjs';
import { startFleet } from './fleet.mjs';

const list = (name, usual) => (process.env[name] ?? usual).split(',');
const METERS = list('BENCH_METERS', '1000,10000').map(Number);
const ANALYZERS = list('BENCH_ANALYZERS', '1,2,4').map(Number);
const STORES = list('BENCH_STORE', 'sqlite');
const READINGS = Number(process.env.BENCH_READINGS ?? 40_000);
const TRACE_MS = Number(process.env.BENCH_TRACE ?? 0) * 1_000;
const LIMIT_MS = 900_000;

console.log('store     meters  analyzers  readings/s   µs CPU a reading, all of a role   MB each');
for (const store of STORES) {
  const influxdb = store === 'influxdb' ? await startTestInfluxdb() : null;
  for (const meters of METERS) {
    for (const analyzers of ANALYZERS) await measure({ store, influxdb, meters, analyzers });
  }
  await influxdb?.stop();
}

async function measure({ store, influxdb, meters, analyzers }) {
  const chain = await newChain({
    WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
    WATTBUS_LOG_LEVEL: process.env.BENCH_TRACE ? 'warn' : 'error',
    WATTBUS_STORE__KIND: store,
    // As the documents say: what is retained of a meter that has just begun is some 7 kB.
    WATTBUS_BROKER__RETAINED_BYTES_MAX: String(Math.max(64, meters / 40) * 2 ** 20),
    ...(influxdb && {
      WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
      WATTBUS_STORE__INFLUXDB__DATABASE: `capacity_${meters}_${analyzers}`,
    }),
  });
  try {
    const broker = await chain.start('broker');
    const historian = await chain.start('historian');
    const replicas = [];
    for (let i = 1; i <= analyzers; i += 1) {
      const WATTBUS_INSTANCE = `analyzer-${i}`;
      replicas.push(await chain.start('analyzer', { WATTBUS_INSTANCE }));
    }
    const services = [broker, ...replicas, historian];
    const stopTracing = trace(services);
    const names = Array.from({ length: meters }, (_, i) => `meter-${i}`);
    const fleet = await startFleet(chain.mqttUrl, names);
    // The first reading makes everybody acquainted; it is not measured.
    await fleet.round();
    await fleet.sayPositions();
    await all('acquainted', { historian, replicas, meters, readings: meters });

    const before = services.map(cpuSeconds);
    const fromMs = performance.now();
    const rounds = Math.ceil(READINGS / meters);
    for (let i = 0; i < rounds; i += 1) await fleet.round();
    await fleet.sayPositions();
    const readings = rounds * meters;
    await all('stored and analysed', { historian, replicas, meters, readings: readings + meters });
    const perSecond = (readings / (performance.now() - fromMs)) * 1_000;

    const used = services.map((one, i) => ((cpuSeconds(one) - before[i]) / readings) * 1e6);
    const each = (figures) =>
      `broker ${figures[0]}, analyzer ${figures.slice(1, -1).join(' ')}, historian ${figures.at(-1)}`;
    const analysis = used.slice(1, -1).reduce((sum, one) => sum + one, 0);
    const roles = [used[0], analysis, used.at(-1)].map(Math.round);
    const memory = services.map((one) => Math.round(memoryMb(one)));
    console.log(
      `${store.padEnd(10)}${String(meters).padStart(6)}${String(analyzers).padStart(11)}` +
        `${String(Math.round(perSecond)).padStart(12)}   ${each(roles)}   ${each(memory)}` +
        `   (replayed ${fleet.replayed()})`,
    );
    stopTracing();
    await fleet.close();
  } finally {
    await chain.stop();
  }
}

/** Every meter is owned, every reading is analysed and stored. */
async function all(what, { historian, replicas, meters, readings }) {
  const done = async () => {
    const [stored, ...analysed] = await Promise.all(
      [historian, ...replicas].map((one) => one.health()),
    );
    if (!stored || analysed.includes(null)) return false;
    const sum = (name) =>
      analysed.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
    const { counters } = stored;
    const isStored = (counters.readingsTaken ?? 0) >= readings && !counters.backlogPoints;
    return isStored && sum('metersOwned') >= meters && sum('readingsAnalysed') >= readings;
  };
  // Not more often: each answer costs the processes that are measured a little.
  const end = performance.now() + LIMIT_MS;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function trace(services) {
  if (TRACE_MS === 0) return () => undefined;
  const fromMs = performance.now();
  const timer = setInterval(async () => {
    const healths = await Promise.all(services.map((one) => one.health()));
    console.log(`after ${Math.round((performance.now() - fromMs) / 1_000)} s`);
    for (const [i, one] of services.entries()) {
      const used = `${cpuSeconds(one).toFixed(1)} s CPU, ${Math.round(memoryMb(one))} MB`;
      console.log(`  ${used}`, JSON.stringify(healths[i]?.counters ?? null));
    }
  }, TRACE_MS);
  return () => clearInterval(timer);
}
