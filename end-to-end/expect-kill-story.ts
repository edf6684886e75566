import { expect } from '@jest/globals';
import { until } from '@wattbus/testing';
import { repeatsTelegram, tellKillStory, type KillStory } from './src/kill-story.js';

/** Everything that was accepted is stored once, with its values, and analysed to the last one. */
export async function expectKillStory(story: KillStory, outageMs: number): Promise<void> {
  const { mustBe, points } = await tellKillStory(story, outageMs);
  const { said } = story.meter;
  const stored = new Map(points.map((point) => [point.atMs, point]));
  expect(mustBe.filter(({ atMs }) => !stored.has(atMs))).toEqual([]);
  expect(stored.size).toBe(points.length);
  const saidAt = new Map(said.map((one) => [one.atMs, one]));
  expect(points.filter((point) => !repeatsTelegram(point, saidAt.get(point.atMs)))).toEqual([]);
  expect(mustBe.length).toBeGreaterThan(500);

  const last = said.at(-1)!;
  const { heard, leave } = await story.energies();
  try {
    const energy = await until('the analysis of the last telegram', () =>
      heard.find(({ at }) => Date.parse(at) === last.atMs),
    );
    const firstWh = points[0]!.fields['energyImportWh'] as number;
    expect(energy.today.importWh).toBe(last.energyImportWh - firstWh);
  } finally {
    await leave();
  }
}
