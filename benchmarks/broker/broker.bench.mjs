/**
 * Messages a second and broker CPU a message, against mosquitto in the same run.
 *
 *   node benchmarks/broker/broker.bench.mjs [--seconds 3] [--rounds 3] [--load paced]
 *
 * `flood`: each publisher keeps 100 messages on the way to the slowest subscriber, so they come in
 * bunches. `paced`: one message of 200 bytes at a time, 1,000 a second, as meters send them.
 * On a machine that the load shares with the broker, CPU a message is the figure to trust.
 */
import { parseArgs } from 'node:util';
import mqttPacket from 'mqtt-packet';
import { brokers } from './brokers.mjs';
import { LoadClient } from './load-client.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    load: { type: 'string' },
  },
});
const SECONDS = Number(values.seconds);
const ROUNDS = Number(values.rounds);
const IN_FLIGHT = 100;
const PAYLOAD = Buffer.alloc(200, 'x');

const shapes = [
  { name: '1→1', publishers: 1, subscribers: 1, ratioMax: 1.5 },
  { name: '10→1', publishers: 10, subscribers: 1, ratioMax: 1.5 },
  { name: '1→10', publishers: 1, subscribers: 10, ratioMax: 1 },
];

async function measure(broker, { publishers, subscribers }, qos, load) {
  const readers = [];
  for (let i = 0; i < subscribers; i += 1) {
    readers.push(await LoadClient.open(broker.port, { subscribe: 'bench/+', qos }));
  }
  const writers = [];
  for (let i = 0; i < publishers; i += 1) writers.push(await LoadClient.open(broker.port));
  const traffic = { writers, packets: writers.map((_, i) => packetOf(i, qos)), sent: 0, done: 0 };
  const perReader = readers.map(() => 0);
  let onDone = () => undefined;
  readers.forEach((reader, i) => {
    reader.onPackets = ({ publishes }) => {
      perReader[i] += publishes;
      traffic.done = Math.min(...perReader);
      onDone();
    };
  });

  const stop = load(traffic, (callback) => (onDone = callback));
  await pause(500);
  const [doneBefore, cpuBefore, startMs] = [traffic.done, broker.cpuMs(), performance.now()];
  await pause(SECONDS * 1_000);
  const messages = traffic.done - doneBefore;
  const result = {
    perSecond: (messages * 1_000) / (performance.now() - startMs),
    cpuUs: ((broker.cpuMs() - cpuBefore) * 1_000) / messages,
  };
  stop();
  while (traffic.done < traffic.sent) await pause(10);
  if (Math.max(...perReader) > traffic.sent) throw new Error('a message came twice');
  for (const client of [...readers, ...writers]) client.close();
  return result;
}

function packetOf(i, qos) {
  const publish = { cmd: 'publish', topic: `bench/${i}`, payload: PAYLOAD, qos, messageId: 1 };
  return mqttPacket.generate({ ...publish, retain: false, dup: false });
}

const loads = {
  flood(traffic, whenDone) {
    const { writers, packets } = traffic;
    let stopped = false;
    const fill = () => {
      const room = IN_FLIGHT * writers.length - (traffic.sent - traffic.done);
      const each = stopped ? 0 : Math.floor(room / writers.length);
      if (each === 0) return;
      writers.forEach((one, i) => one.publish(Buffer.concat(Array(each).fill(packets[i]))));
      traffic.sent += each * writers.length;
    };
    whenDone(fill);
    fill();
    return () => (stopped = true);
  },

  paced(traffic) {
    const { writers, packets } = traffic;
    const timer = setInterval(() => {
      const i = traffic.sent % writers.length;
      writers[i].publish(packets[i]);
      traffic.sent += 1;
    }, 1);
    return () => clearInterval(timer);
  },
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const cell = (text, width) => String(text).padStart(width);

async function compare(running, { load, qos, shape }) {
  const results = new Map(running.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, broker } of running) {
      results.get(name).push(await measure(broker, shape, qos, loads[load]));
    }
  }
  const medianOf = (name, field) => median(results.get(name).map((one) => one[field]));
  for (const { name } of running) {
    const peer = name !== 'mosquitto' && results.has('mosquitto');
    const ratio = peer ? medianOf(name, 'cpuUs') / medianOf('mosquitto', 'cpuUs') : null;
    console.log(
      load.padEnd(7) +
        shape.name.padEnd(7) +
        cell(qos, 3) +
        `  ${name.padEnd(10)}` +
        cell(Math.round(medianOf(name, 'perSecond')), 9) +
        cell(medianOf(name, 'cpuUs').toFixed(1), 12) +
        (ratio === null ? '' : cell(ratio.toFixed(2), 8) + cell(`≤ ${shape.ratioMax}`, 6)),
    );
  }
}

async function main() {
  const running = [];
  for (const { name, start } of brokers) {
    const broker = await start();
    if (broker === null) console.log(`${name} is not installed: measured without it`);
    else running.push({ name, broker });
  }
  console.log('load   shape  QoS  broker        msg/s  CPU µs/msg   ratio   aim');
  for (const load of values.load ? [values.load] : Object.keys(loads)) {
    for (const qos of [0, 1]) {
      for (const shape of shapes) await compare(running, { load, qos, shape });
    }
  }
  for (const { name, broker } of running) {
    console.log(`${name}: ${broker.memoryMb().toFixed(0)} MB after the load`);
    await broker.stop();
  }
}

await main();
