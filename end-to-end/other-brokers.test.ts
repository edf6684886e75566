import { afterEach, describe, test } from '@jest/globals';
import {
  hasMosquitto,
  hasNats,
  startMosquitto,
  startNatsCluster,
  type OtherBroker,
} from '@wattbus/testing';
import { expectKillStory } from './expect-kill-story.js';
import { startKillStory } from './src/kill-story.js';

/** The long outage is told with our own broker; this is about the broker. */
const OUTAGE_MS = 1_000;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
}, 240_000);

describe('each service and each node of the broker is killed once', () => {
  const onMosquitto = hasMosquitto() ? test : test.skip;
  onMosquitto(
    'with Mosquitto, where each service has the rights of the contract and no more',
    () => tell(startMosquitto),
    600_000,
  );

  const onCluster = hasNats() ? test : test.skip;
  onCluster(
    'with a cluster of NATS servers and the same rights, while the other two go on',
    () => tell(startNatsCluster),
    600_000,
  );
});

async function tell(start: () => Promise<OtherBroker>): Promise<void> {
  const broker = await start();
  ends.push(() => broker.stop());
  const story = await startKillStory(broker);
  ends.push(() => story.stop());
  await expectKillStory(story, OUTAGE_MS);
}
