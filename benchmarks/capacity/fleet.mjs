import { topics } from '@wattbus/mqtt-contract';
import mqtt from 'mqtt';

const ROOT = 'energy';
const EPOCH = 'fleet1';
const START_MS = Date.parse('2026-01-10T00:00:00Z');
const STEP_MS = 10_000;
const IN_FLIGHT_MAX = 500;
const POSITIONS_MS = 1_000;

/**
 * The bus's side of many meter-ingests: readings and journal positions of any number of meters, and
 * the answers to those who ask for a replay. What the meters' own lines cost is not part of it.
 */
export async function startFleet(url, meters) {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, clean: true });
  client.stream.setNoDelay(true);
  /** The newest reading of each meter whose position has not been said yet. */
  const moved = new Map();
  let last = 0;
  let replayed = 0;

  const say = (topic, params, payload) =>
    client.publishAsync(topic.topic(ROOT, params), JSON.stringify(payload), {
      qos: topic.row.qos,
      retain: topic.row.retain,
    });
  const sayPositions = async () => {
    const positions = [...moved];
    moved.clear();
    for (const [meter, seq] of positions) {
      await say(topics.meterJournal, { meter }, { v: 1, epoch: EPOCH, first: 1, last: seq });
    }
  };
  client.on('message', (name, bytes) => {
    const { meter } = topics.replayRequest.match(ROOT, name);
    const { consumer, fromSeq, limit } = JSON.parse(bytes.toString('utf8'));
    const count = Math.max(0, Math.min(limit, last - fromSeq + 1));
    const readings = Array.from({ length: count }, (_, i) => readingOf(meter, fromSeq + i));
    replayed += count;
    const page = { v: 1, epoch: EPOCH, fromSeq, first: 1, last, readings };
    void say(topics.replayPage, { meter, consumer }, page);
  });
  await client.subscribeAsync(topics.replayRequest.filter(ROOT), { qos: 1 });

  return {
    replayed: () => replayed,
    /** One reading more of every meter; resolves when the broker has taken them all. */
    async round() {
      last += 1;
      const underWay = new Set();
      let saidMs = performance.now();
      for (const meter of meters) {
        const one = say(topics.meterReading, { meter }, readingOf(meter, last));
        underWay.add(one);
        void one.finally(() => underWay.delete(one));
        moved.set(meter, last);
        if (underWay.size >= IN_FLIGHT_MAX) await Promise.race(underWay);
        if (performance.now() - saidMs < POSITIONS_MS) continue;
        saidMs = performance.now();
        await sayPositions();
      }
      await Promise.all(underWay);
    },
    sayPositions,
    close: () => client.endAsync(true),
  };
}

function readingOf(meter, seq) {
  const at = new Date(START_MS + seq * STEP_MS).toISOString();
  return {
    v: 1,
    meter,
    medium: 'electricity',
    role: 'grid',
    epoch: EPOCH,
    seq,
    at,
    receivedAt: at,
    atSource: 'meter',
    quality: 'checked',
    powerW: 400 + ((seq * 37) % 700),
    energyImportWh: 1_000_000 + seq * 2,
    energyImportTariff1Wh: 400_000 + seq * 2,
    energyImportTariff2Wh: 600_000,
    energyExportWh: 30,
    voltageL1V: 230.1,
    currentL1A: 2,
  };
}
