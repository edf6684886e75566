import { decodePayload, topics, type Topic } from '@wattbus/mqtt-contract';
import { addressesOf, type WattbusConfig } from '@wattbus/service-config';
import type { MqttClient } from 'mqtt';
import { ANSWER_MS_MAX, ok, warn, type Check, type Finding } from './finding.js';
import { connectTo } from './neighbours.js';

/** What is retained has come when nothing has for so long. */
const QUIET_MS = 500;
const METERS_SHOWN_MAX = 20;
/** Ten minutes of a meter that speaks every second; what is under way is less. */
const BEHIND_MAX = 600;

/** By what is retained on the bus: the journal's last number, and that of each consumer. */
interface Progress {
  readonly last: number;
  readonly analysed: number;
  readonly stored: number;
}

/** Where each consumer of each meter's journal is. Says nothing where the broker does not run. */
export const checkReadings: Check = async (config) => {
  const client = await connected(config.mqtt);
  if (client === null) return [];
  try {
    const meters = await progressOn(client, config.mqtt.root);
    const shown = [...meters].slice(0, METERS_SHOWN_MAX).map(readingsFinding);
    const left = meters.size - shown.length;
    return left > 0 ? [...shown, ok('readings', `of ${left} meters more`)] : shown;
  } finally {
    await client.endAsync(true);
  }
};

export function readingsFinding([meter, progress]: readonly [string, Progress]): Finding {
  const { last, analysed, stored } = progress;
  const what = `readings ${meter}`;
  if (stored >= last && analysed >= last) return ok(what, `${last}, all analysed and stored`);
  const state = `${last} in the journal, ${analysed} analysed, ${stored} stored`;
  const slow = [
    ...(last - analysed > BEHIND_MAX ? ['analyzer'] : []),
    ...(last - stored > BEHIND_MAX ? ['historian'] : []),
  ];
  if (slow.length === 0) return ok(what, state);
  return warn(what, `${state}: if it stays so, look at the health of ${slow.join(' and ')}`);
}

async function connected(mqtt: WattbusConfig['mqtt']): Promise<MqttClient | null> {
  for (const url of addressesOf(mqtt.url)) {
    try {
      return await connectTo(mqtt, url, 'doctor-readings');
    } catch {
      // The broker's own check says why.
    }
  }
  return null;
}

async function progressOn(client: MqttClient, root: string): Promise<Map<string, Progress>> {
  let heardMs = performance.now();
  const hear = <P>(topic: Topic<P>): Map<string, P> => {
    const heard = new Map<string, P>();
    client.on('message', (name, bytes) => {
      const meter = topic.match(root, name)?.['meter'];
      if (meter === undefined) return;
      heardMs = performance.now();
      const decoded = decodePayload(topic, bytes);
      if (decoded.ok) heard.set(meter, decoded.payload);
    });
    return heard;
  };
  const { meterJournal, energyAnalysis, storedCursor } = topics;
  const [journals, analysed, stored] = [
    hear(meterJournal),
    hear(energyAnalysis),
    hear(storedCursor),
  ] as const;
  const filters = [meterJournal, energyAnalysis, storedCursor].map((one) => one.filter(root));
  // What this account may not see counts as not there.
  await client.subscribeAsync(filters).catch(() => undefined);
  const endMs = performance.now() + ANSWER_MS_MAX;
  while (performance.now() < Math.min(endMs, heardMs + QUIET_MS)) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 10));
  }
  return new Map(
    [...journals].map(([meter, { epoch, last }]) => {
      // One of another journal counts its readings anew.
      const seqIn = (of: ReadonlyMap<string, { epoch: string; seq: number }>): number => {
        const one = of.get(meter);
        return one?.epoch === epoch ? one.seq : 0;
      };
      return [meter, { last, analysed: seqIn(analysed), stored: seqIn(stored) }];
    }),
  );
}
