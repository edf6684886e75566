import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import type { Page } from 'playwright-core';
import { answerHistory, shows, siteNow, startHouse, stopHouse, type House } from './house.js';
import { hasBrowser, phone, startVisitor, type Visitor } from './visitor.js';

const inBrowser = hasBrowser ? describe : describe.skip;
const { sample: bill } = topics.billAnalysis.row;
const { sample: forecast } = topics.forecastAnalysis.row;
const { sample: site } = topics.siteAnalysis.row;

/** Cards of which a part is cut off or lies outside of them, by what they are called. */
const cardsThatSpill = `[...document.querySelectorAll('.card')]
  .filter((card) => card.scrollWidth > card.clientWidth + 1)
  .map((card) => card.id || card.className)`;

inBrowser('what the analysis has found out, on the page', () => {
  let visitor: Visitor;
  let house: House;

  beforeAll(async () => {
    visitor = await startVisitor();
    house = await startHouse();
    await answerHistory(house.bus);
    await house.bus.say(topics.siteAnalysis, {}, siteNow());
    await house.bus.say(topics.forecastAnalysis, { meter: 'main' }, forecast);
    await house.bus.say(topics.billAnalysis, { meter: 'main' }, bill);
  });
  afterEach(() => visitor.leavePage());
  afterAll(async () => {
    await visitor.goHome();
    await stopHouse(house);
  });

  const attribute = (page: Page, selector: string, name: string): Promise<string | null> =>
    page.getAttribute(selector, name);

  test('shows standby, periods, notices, CO2 and own energy', async () => {
    const page = await visitor.open(house.url);
    await shows(page, '#standby', `${site.standby!.baseloadW}W`);
    await shows(page, '#standby-cost', '€');
    await shows(page, '#period-list', 'This week');
    await shows(page, '#notice-list', site.anomalies![0]!.reasons.en);
    await shows(page, '#carbon', 'kg');
    await shows(page, '#self-consumption', '%');
    await shows(page, '#autarky', '%');
  });

  test('draws the load of today and tomorrow with its range', async () => {
    const page = await visitor.open(house.url);
    await shows(page, '#outlook-tomorrow', 'kWh');
    for (const curve of ['#outlook-band', '#outlook-expected']) {
      expect(await attribute(page, curve, 'd')).toMatch(/^M[\d.]+[ ,]/);
    }
    expect(await attribute(page, '#outlook-curve', 'aria-label')).toContain('kWh');
  });

  test('shows the bill line by line, with its forecast', async () => {
    const page = await visitor.open(house.url);
    await shows(page, '.bill-title', 'Bill');
    await shows(page, '.bill-figures', 'So far');
    await shows(page, '.bill-reasons', bill.reasons[0]!.en);
    await page.click('.bill summary');
    for (const { title } of bill.lines) await shows(page, '.bill-lines', title);
    expect(await page.locator('.bill-lines dd').count()).toBe(bill.lines.length);
  });

  test.each(['en-GB', 'ko-KR'])('fits every card on a phone, in %s', async (locale) => {
    const page = await visitor.open(house.url, { locale, ...phone });
    await shows(page, '#autarky', '%');
    await shows(page, '.bill-reasons', bill.reasons[0]![locale === 'ko-KR' ? 'ko' : 'en']);
    await page.click('.bill summary');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.evaluate(cardsThatSpill)).toEqual([]);
  });
});
