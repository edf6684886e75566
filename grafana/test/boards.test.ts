import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newChain, startHouseMeter, type Chain, type HouseMeter } from '@wattbus/end-to-end';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestInfluxdb, until, type TestInfluxdb } from '@wattbus/testing';
import { readFileSync } from 'node:fs';
import { boards } from '../src/index.js';

/** Half an hour of telegrams, so that there are closed quarter-hours. */
const TELEGRAMS = 2_000;
const START_MS = Date.parse('2026-06-10T12:00:00+02:00');
/** Before the samples of the contract. */
const FROM_MS = Date.parse('2026-03-28T00:00:00+01:00');

/** Habits take weeks to learn; what is said of a house that is long known is the contract's sample. */
async function sayInsights(url: string): Promise<void> {
  const person = await joinBus(url);
  const meter = 'known-house';
  const phases = (['L1', 'L2', 'L3'] as const).map((phase) => ({
    ...topics.qualityAnalysis.row.sample.phases[0]!,
    phase,
  }));
  await person.say(
    topics.baseloadAnalysis,
    { meter },
    { ...topics.baseloadAnalysis.row.sample, meter },
  );
  await person.say(
    topics.anomalyAnalysis,
    { meter },
    { ...topics.anomalyAnalysis.row.sample, meter },
  );
  await person.say(
    topics.forecastAnalysis,
    { meter },
    { ...topics.forecastAnalysis.row.sample, meter },
  );
  await person.say(
    topics.carbonAnalysis,
    { meter },
    { ...topics.carbonAnalysis.row.sample, meter },
  );
  const quality = { ...topics.qualityAnalysis.row.sample, meter, phases };
  await person.say(topics.qualityAnalysis, { meter }, quality);
  const { billAnalysis, costAnalysis, dayAnalysis } = topics;
  await person.say(billAnalysis, { meter }, { ...billAnalysis.row.sample, meter });
  await person.say(costAnalysis, { meter }, { ...costAnalysis.row.sample, meter });
  await person.say(dayAnalysis, { meter }, { ...dayAnalysis.row.sample, meter });
  await person.say(topics.siteAnalysis, {}, topics.siteAnalysis.row.sample);
  await person.leave();
}

interface Target {
  readonly refId: string;
  readonly query: string;
}

/** The queries of a board as it stands in the JSON file. */
const targetsOf = (board: { panels?: unknown[] }): { title: string; target: Target }[] =>
  (board.panels ?? []).flatMap((panel) => {
    const { title, targets } = panel as { title: string; targets: Target[] };
    return targets.map((target) => ({ title: `${title} ${target.refId}`, target }));
  });

describe.each(Object.entries(boards))('the board %s', (name, board) => {
  const built = JSON.parse(JSON.stringify(board())) as { panels: unknown[] };

  test('is the one that is committed (npm run generate makes it anew)', () => {
    const file = new URL(`../dashboards/${name}.json`, import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(built);
  });

  describe('over an InfluxDB that the historian has filled', () => {
    let influxdb: TestInfluxdb;
    let meter: HouseMeter;
    let chain: Chain;

    beforeAll(async () => {
      influxdb = await startTestInfluxdb();
      meter = await startHouseMeter(START_MS);
      chain = await newChain({
        WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
        WATTBUS_METERS__0__NAME: 'main',
        WATTBUS_METERS__0__PROTOCOL: 'dsmr',
        WATTBUS_METERS__0__PORT: meter.port,
        WATTBUS_STORE__KIND: 'influxdb',
        WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
        WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
      });
      for (const role of ['broker', 'historian', 'analyzer', 'meter-ingest'] as const) {
        await chain.start(role);
      }
      await sayInsights(chain.mqttUrl);
      meter.talk(2);
      await until('the telegrams', () => meter.said.length >= TELEGRAMS, 120_000);
      meter.pause();
      await until('the closed quarter-hours in the store', () => hasRows(closedQuarters), 60_000);
    }, 240_000);

    afterAll(async () => {
      await chain?.stop();
      await meter?.close();
      await influxdb?.stop();
    });

    const closedQuarters = 'SELECT count("importWh") FROM "quarter" WHERE $timeFilter';

    async function hasRows(query: string): Promise<boolean> {
      // As Grafana fills them in for the range of the page.
      const filled = query
        .replaceAll('$timeFilter', `time >= ${FROM_MS}ms AND time < ${START_MS + 86_400_000}ms`)
        .replaceAll('$__interval', '1m');
      const url = new URL('/query', influxdb.url);
      url.search = new URLSearchParams({ db: influxdb.database, q: filled }).toString();
      const answer = (await (await fetch(url)).json()) as {
        results: { error?: string; series?: { values: unknown[] }[] }[];
      };
      expect(answer.results[0]?.error).toBeUndefined();
      return (answer.results[0]?.series?.[0]?.values.length ?? 0) > 0;
    }

    test.each(targetsOf(built))('panel "$title" has rows', async ({ target }) => {
      await until('rows', () => hasRows(target.query), 30_000);
    });
  });
});
