import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startService } from '@wattbus/nest-mqtt';
import { testConfig, until } from '@wattbus/testing';
import { analyzer } from '../src/index.js';
import { brokerUrl, keep, meterOnBus, MINUTE_MS, person, START_MS } from './rig.js';

const QUARTER_MS = 15 * MINUTE_MS;
const HOUR_MS = 4 * QUARTER_MS;

/** The hours of a night at the market, per kWh, from the start of the readings on. */
const market = (prices: readonly number[]) => ({
  unit: 'EUR/kWh',
  source: 'test',
  slots: prices.map((price, i) => ({
    start: new Date(START_MS + i * HOUR_MS).toISOString(),
    end: new Date(START_MS + (i + 1) * HOUR_MS).toISOString(),
    price,
  })),
});

test('prices that come late price the day that closed anew, and the bill with it', async () => {
  const days = await person.hear(topics.dayAnalysis);
  const bills = await person.hear(topics.billAnalysis);
  const lists = await person.hear(topics.recentDays);
  const config = testConfig({
    instance: 'a',
    mqtt: { url: brokerUrl() },
    site: { zone: 'Europe/Brussels', billingDay: 15 },
    tariff: { use: 'flanders-antwerpen-dynamic' },
  });
  keep(await startService(analyzer, config));
  const meter = await meterOnBus('main');
  // 1 kWh in each hour from 22:00Z on; the local day ends after the first.
  for (let quarter = 0; quarter <= 12; quarter += 1) {
    const measured = { energyImportWh: 1_000 + quarter * 250, energyExportWh: 0 };
    await meter.accept(START_MS + quarter * QUARTER_MS, measured);
  }
  await meter.sayPosition();
  const unpriced = await until('the day closes', () => days[0]);
  expect(unpriced).not.toHaveProperty('cost');
  expect(bills).toEqual([]);

  const { marketPrices } = topics;
  await person.say(marketPrices, { direction: 'import' }, market([0.1, 0.2, 0.3]));
  const priced = await until('the day is priced', () => days.find(({ cost }) => cost));
  expect(priced).toMatchObject({ date: '2026-03-28', importWh: 1_000, currency: 'EUR' });
  const bill = await until('the bill is said', () => bills.at(-1));
  expect(bill).toMatchObject({
    tariff: 'flanders',
    importWh: 3_000,
    provisional: false,
    period: { from: '2026-03-14T23:00:00.000Z', to: '2026-04-14T22:00:00.000Z' },
  });
  expect(bill.lines.map(({ amount }) => amount).reduce((a, b) => a + b, 0)).toBeCloseTo(bill.total);
  expect(bill.reasons[0]!.ko).toContain('3.0 kWh');

  await person.say(marketPrices, { direction: 'import' }, market([0.5, 0.2, 0.3]));
  const dearer = await until('the day is priced anew', () =>
    days.find(({ cost = 0 }) => cost > priced.cost! + 0.3),
  );
  // 0.40 more for a kilowatt-hour, 1.02 times as the supplier says, with 6 % VAT; to the cent.
  expect(dearer.cost! - priced.cost!).toBeCloseTo(0.4 * 1.02 * 1.06, 1);
  const last = await until('the bus keeps the last day', () => days.at(-1));
  expect(last.date).toBe('2026-03-28');
  // The list for who was away has the last price, too.
  await until('the list of days has the new cost', () =>
    lists.at(-1)?.days.some(({ date, cost }) => date === '2026-03-28' && cost === dearer.cost),
  );
});
