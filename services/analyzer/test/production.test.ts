import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { kill, meterOnBus, person, start } from './rig.js';

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 8;
const startMs = Date.parse('2026-05-31T22:00:00Z');

/** What the panels give; the feed says a quarter more, for the days that were and for three more. */
const panelsW = (atMs: number): number =>
  Math.round(4_000 * Math.max(0, Math.cos((2 * Math.PI * (atMs - 12 * HOUR_MS)) / DAY_MS)));
const slots = Array.from({ length: (DAYS + 3) * 24 }, (_, i) => {
  const slotMs = startMs + i * HOUR_MS;
  const [start, end] = [slotMs, slotMs + HOUR_MS].map((ms) => new Date(ms).toISOString());
  return { start: start!, end: end!, powerW: 1.25 * panelsW(slotMs + HOUR_MS / 2) };
});

test('panels are forecast from a feed on the bus, and after a kill with the same bytes', async () => {
  await person.say(topics.pvForecastFeed, {}, { v: 1, slots });
  const said = await person.hear(topics.forecastAnalysis);
  const roof = await meterOnBus('roof');
  roof.role = 'pv';
  let energyExportWh = 0;
  for (let i = 1; i <= DAYS * 96; i += 1) {
    const atMs = startMs + i * QUARTER_MS;
    const powerW = -panelsW(atMs - QUARTER_MS / 2);
    energyExportWh -= Math.round(powerW / 4);
    await roof.accept(atMs, { powerW, energyImportWh: 0, energyExportWh }, false);
  }
  const endMs = startMs + DAYS * DAY_MS;
  const first = await start('a');
  await roof.sayPosition();
  const message = await until('all is said', () =>
    said.find(({ from }) => Date.parse(from) === endMs),
  );
  expect(message).toMatchObject({ meter: 'roof', role: 'pv', hours: [], quarters: [] });
  const { hours, quarters } = message.production!;
  expect([hours.length, quarters.length]).toEqual([48, 192]);
  for (const { start: hourStart, meanWh, p10Wh, p90Wh } of hours) {
    const gives = panelsW(Date.parse(hourStart) + HOUR_MS / 2);
    if (gives === 0) expect([meanWh, p10Wh, p90Wh]).toEqual([0, 0, 0]);
    else expect(Math.abs(meanWh - gives)).toBeLessThan(0.02 * 4_000);
  }

  await kill(first);
  said.length = 0;
  await person.say(topics.forecastAnalysis, { meter: 'roof' }, { ...message, seq: 1 });
  await start('b');
  await roof.sayPosition();
  const again = await until('it is said over', () => said.find(({ seq }) => seq === message.seq));
  expect(JSON.stringify(again)).toBe(JSON.stringify(message));
});
