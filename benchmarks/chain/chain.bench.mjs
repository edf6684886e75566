/**
 * The whole chain as processes on one machine: ingest → broker → historian → InfluxDB.
 *
 * Prints readings per second from the first byte to the last committed point, the latency from a
 * telegram's last byte to the MQTT message and to the stored point, and the memory of each process.
 * The peer in the same run is InfluxDB's own pace for the same points, written straight in batches.
 */
import { newChain } from '@wattbus/end-to-end';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestInfluxdb, until } from '@wattbus/testing';
import { openInfluxStore } from '@wattbus/time-series';
import { readFileSync } from 'node:fs';
import { cpuSeconds } from '../processes.mjs';
import { startTcpMeter } from './tcp-meter.mjs';

const METERS = 8;
const TELEGRAMS = Number(process.env.BENCH_TELEGRAMS ?? 80_000);
const LATENCY_SAMPLES = 300;

const influxdb = await startTestInfluxdb();
const meters = await Promise.all(Array.from({ length: METERS }, startTcpMeter));
const [meter] = meters;
const chain = await newChain({
  WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
  ...Object.fromEntries(
    meters.flatMap(({ port }, i) => [
      [`WATTBUS_METERS__${i}__NAME`, `meter-${i}`],
      [`WATTBUS_METERS__${i}__PORT`, port],
      [`WATTBUS_METERS__${i}__PROTOCOL`, 'dsmr'],
    ]),
  ),
  WATTBUS_STORE__KIND: 'influxdb',
  WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
  WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
});
try {
  const services = [];
  for (const role of [
    'broker',
    'historian',
    'analyzer',
    'controller',
    'meter-ingest',
    'dashboard',
  ]) {
    services.push(await chain.start(role));
  }
  await until('ingest to listen', () => meters.every((one) => one.connected()));
  const store = openInfluxStore({
    url: influxdb.url,
    database: influxdb.database,
    retentionDays: 0,
    timeoutMs: 10_000,
  });

  await latency(chain, store);
  memory(services, 'at one telegram each 20 ms');
  // The analyzer is stopped: this figure is of the way into the store.
  await services.find(({ role }) => role === 'analyzer').stop();
  await services.find(({ role }) => role === 'controller').stop();
  await throughput(store, services);
  memory(services, 'after the throughput run');
  await store.close();
} finally {
  await chain.stop();
  await Promise.all(meters.map((one) => one.close()));
  await influxdb.stop();
}

async function throughput(store, services) {
  const perMeter = TELEGRAMS / METERS;
  const streams = meters.map((one) => Buffer.concat(Array.from({ length: perMeter }, one.next)));
  const before = services.map(cpuSeconds);
  const startedMs = performance.now();
  await Promise.all(meters.map((one, i) => one.write(streams[i])));
  for (const [i, one] of meters.entries()) {
    await until(
      'the last reading of every meter in the store',
      () => isStored(store, `meter-${i}`, one.lastMs()),
      600_000,
    );
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `chain        ${Math.round(TELEGRAMS / seconds)} readings/s, ` +
      `${TELEGRAMS} telegrams of ${METERS} meters through ingest, broker, historian and InfluxDB in ${seconds.toFixed(1)} s`,
  );
  const each = services.map((service, i) => {
    const micros = ((cpuSeconds(service) - before[i]) / TELEGRAMS) * 1e6;
    return micros > 1 ? `${service.role} ${micros.toFixed(0)}` : '';
  });
  console.log(`processor    µs a reading: ${each.filter((text) => text !== '').join(', ')}`);
}

async function isStored(store, name, atMs) {
  const found = await store.points({
    measurement: 'reading',
    tags: { meter: name },
    fromMs: atMs,
    toMs: atMs + 1,
    limit: 1,
  });
  return found.outcome === 'found' && found.value.length === 1;
}

async function latency({ mqttUrl }, store) {
  const person = await joinBus(mqttUrl);
  const readings = await person.hear(topics.meterReading, { meter: 'meter-0' });
  const [toBus, toStore] = [[], []];
  for (let i = 0; i < LATENCY_SAMPLES; i += 1) {
    const telegram = meter.next();
    const atMs = meter.lastMs();
    const sentMs = performance.now();
    await meter.write(telegram);
    await spin(() => readings.at(-1) && Date.parse(readings.at(-1).at) === atMs);
    toBus.push(performance.now() - sentMs);
    await spin(() => isStored(store, 'meter-0', atMs));
    toStore.push(performance.now() - sentMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log(`latency      to the MQTT message ${percentiles(toBus)}`);
  console.log(`latency      to the stored point ${percentiles(toStore)} (seen by asking InfluxDB)`);
  await person.leave();
}

async function spin(condition) {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('a reading did not arrive within 10 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function percentiles(samplesMs) {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`;
}

function memory(services, when) {
  const lines = services.flatMap(({ role, pid }) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return [`${role} ${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024)} MB`];
    } catch {
      return [];
    }
  });
  console.log(`memory       ${when}: ${lines.join(', ')}`);
}
