import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startKillStory, type KillStory } from './src/kill-story.js';
import { expectKillStory } from './expect-kill-story.js';

/** How long InfluxDB is away in the middle of the run. */
const OUTAGE_MS = Number(process.env['TEST_OUTAGE_MS'] ?? 60_000);

describe('a chain in which each service is killed once and InfluxDB is away', () => {
  let story: KillStory;

  beforeAll(async () => {
    story = await startKillStory(null);
  }, 120_000);

  afterAll(() => story?.stop());

  test(
    'stores exactly what the meter said, and analyses it as if nothing had happened',
    () => expectKillStory(story, OUTAGE_MS),
    OUTAGE_MS + 240_000,
  );
});
