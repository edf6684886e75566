import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { topics, type HistoryRequest } from '@wattbus/mqtt-contract';
import { joinBus, until } from '@wattbus/testing';
import type { Page } from 'playwright-core';
import {
  answerHistory,
  load,
  points,
  sayReading,
  shows,
  siteAt,
  siteNow,
  startHouse,
  stopHouse,
  type House,
} from './house.js';
import { hasBrowser, phone, startVisitor, type Visitor } from './visitor.js';
import { startWebSocketBroker } from './web-socket-broker.js';

const inBrowser = hasBrowser ? describe : describe.skip;

const HOUR_MS = 3_600_000;

/** Houses of one test, stopped after it whether or not it passed. */
const guests: House[] = [];

async function startGuest(account?: { username: string; password: string }): Promise<House> {
  const house = await startHouse(account);
  guests.push(house);
  return house;
}

inBrowser('the page in a browser', () => {
  let visitor: Visitor;
  let house: House;
  let requests: readonly HistoryRequest[];

  beforeAll(async () => {
    visitor = await startVisitor();
    house = await startHouse();
    await house.bus.say(topics.siteAnalysis, {}, siteNow());
    requests = await answerHistory(house.bus);
  });
  afterAll(async () => {
    await visitor.goHome();
    await stopHouse(house);
  });
  afterEach(async () => {
    for (const guest of guests.splice(0)) await stopHouse(guest);
    await visitor.leavePage();
  });

  const open = (url: string, options: object = {}): Promise<Page> => visitor.open(url, options);

  test('shows what the bus says, as it comes', async () => {
    const page = await open(house.url);
    await shows(page, '#today', '8.21kWh');
    await shows(page, '#today .cost', '€2.46');
    await shows(page, '#month', '211.5');
    await shows(page, '#peak', '4.56 kW');
    await shows(page, '#peak-at', '11 Mar, 18:30');
    await sayReading(house.bus, 3_527);
    await shows(page, '#power', '3.53kW');
    await shows(page, '#direction-text', 'From the grid');
    await sayReading(house.bus, -640);
    await shows(page, '#power', '640W');
    await shows(page, '#direction-text', 'To the grid');
    expect(await page.getAttribute('#power', 'data-direction')).toBe('export');
    await shows(page, '#service-list', 'Page');
    await shows(page, '#link', 'Live');

    const { bus } = house;
    await bus.say(topics.controlState, { device: 'boiler' }, topics.controlState.row.sample);
    await shows(page, '#device-list', 'boiler');
    await shows(page, '#device-list', 'the limit is 4.0 kW');
    const alert = { service: 'meter-ingest', name: 'journal' };
    await bus.say(topics.serviceAlert, alert, topics.serviceAlert.row.sample);
    await shows(page, '#alerts', 'The journal is 80 % full');
    const cleared = { ...topics.serviceAlert.row.sample, active: false };
    await bus.say(topics.serviceAlert, alert, cleared);
    await until('the alert to go', async () => (await page.textContent('#alerts')) === '');
  });

  test('shows the past as a chart that grows with each reading', async () => {
    const page = await open(house.url);
    await until('a day of values', async () => (await points(page)) > 900);
    expect(requests.at(-1)).toMatchObject({ meter: 'main', quantity: 'powerW', resolutionS: 60 });

    await page.click('[data-range="hour"]');
    await until('an hour of values', async () => (await points(page)) < 300);
    const before = await points(page);
    const sent = performance.now();
    await until('a new step', async () => {
      await sayReading(house.bus, 500 + Math.round(performance.now() - sent));
      return (await points(page)) > before;
    });

    const box = await page.locator('#plot .u-over').boundingBox();
    await page.mouse.move(box!.x + box!.width / 2, box!.y + 40);
    await until('the value at the pointer', () => page.isVisible('#tip'));
    expect(await page.textContent('#tip')).toMatch(/k?W.*(From|To) the grid\d\d:\d\d/);
    await page.mouse.move(0, 0);
    await page.focus('#plot');
    await page.keyboard.press('ArrowLeft');
    await shows(page, '#chart-value', 'the grid');
  });

  test('asks for the past again when the meter catches up', async () => {
    const guest = await startGuest();
    let isBehind = true;
    const asked = await answerHistory(guest.bus, () => isBehind);
    await guest.bus.say(
      topics.siteAnalysis,
      {},
      siteAt(new Date(Date.now() - 7 * HOUR_MS).toISOString()),
    );
    const page = await open(guest.url);
    await until('the question', () => asked.length > 0);
    await sayReading(guest.bus, 8_700, Date.now() - 7 * HOUR_MS);
    await shows(page, '#power', '8.70kW');
    isBehind = false;
    await until('a day of values', async () => {
      await sayReading(guest.bus, 2_000);
      return (await points(page)) > 900;
    });
  });

  test('speaks Korean where the browser does, and switches', async () => {
    const page = await open(house.url, { locale: 'ko-KR', ...phone });
    await shows(page, '#now-title', '현재 전력');
    await sayReading(house.bus, 431);
    await shows(page, '#direction-text', '전력망에서 받는 중');
    await shows(page, '#peak-at', '3월 11일, 18:30');
    expect(await page.getAttribute('html', 'lang')).toBe('ko');
    await page.click('#language');
    await shows(page, '#now-title', 'Power now');
    await load(page, page.url(), visitor.faults);
    await shows(page, '#now-title', 'Power now');
  });

  test.each(['en-GB', 'ko-KR'])(
    'fits a phone without scrolling sideways, in %s',
    async (locale) => {
      const page = await open(house.url, { locale, ...phone });
      await shows(page, '#today', '8.21');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    },
  );

  test('tells the value where a finger touches the chart', async () => {
    const page = await open(house.url, { ...phone, hasTouch: true, isMobile: true });
    await sayReading(house.bus, 431);
    await until('values', async () => (await points(page)) > 900);
    await page.locator('#plot').scrollIntoViewIfNeeded();
    const box = await page.locator('#plot .u-over').boundingBox();
    await page.touchscreen.tap(box!.x + box!.width * 0.8, box!.y + 60);
    await until('the value at the finger', () => page.isVisible('#tip'));
  });

  test('follows the appearance of the device, and keeps the one that was chosen', async () => {
    const page = await open(house.url, { colorScheme: 'dark' });
    await shows(page, '#today', '8.21');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await page.click('#theme');
    expect(await page.getAttribute('html', 'data-theme')).toBe('light');
    await load(page, page.url(), visitor.faults);
    await shows(page, '#today', '8.21');
    expect(await page.getAttribute('html', 'data-theme')).toBe('light');
  });

  test('says that the connection is gone, and goes on when it is back', async () => {
    const other = await startGuest();
    await other.bus.say(topics.siteAnalysis, {}, siteNow());
    const page = await open(other.url);
    await shows(page, '#link', 'Live');
    await other.broker.stop();
    await shows(page, '#link', 'No connection, trying again');
    await shows(page, '#today', '8.21');
    const port = Number(new URL(other.broker.webSocketUrl).port);
    const broker = await startWebSocketBroker({ port });
    const bus = await joinBus(broker.tcpUrl);
    await bus.say(topics.siteAnalysis, {}, siteNow({ importTodayWh: 9_000 }));
    await shows(page, '#link', 'Live');
    await shows(page, '#today', '9.00');
    guests.push({ ...other, broker, bus });
  });

  test('waits in words for the first reading', async () => {
    const empty = await startGuest();
    const page = await open(empty.url);
    await shows(page, '#link', 'Live');
    await shows(page, '#age', 'Waiting for the first reading');
    await shows(page, '#plot-note', 'Waiting for the first reading');
    await shows(page, '#device-none', 'No device is controlled');
  });

  test('says how many meters are not listed', async () => {
    const many = await startGuest();
    await many.bus.say(topics.siteAnalysis, {}, siteNow({ metersLeftOut: 9_900 }));
    const page = await open(many.url);
    await shows(page, '#meters', 'There are 9,900 more meters');
    await many.bus.say(topics.siteAnalysis, {}, siteNow());
    await until('the note to go', () => page.locator('#meters-left-out').isHidden());
  });

  test('marks values as old when the meter has been silent', async () => {
    const quiet = await startGuest();
    const at = new Date(Date.now() - 3_600_000).toISOString();
    await quiet.bus.say(topics.siteAnalysis, {}, siteAt(at));
    const page = await open(quiet.url);
    await shows(page, '#link', 'No new values');
    await shows(page, '#age', 'Last reading: 1');
    expect(await page.getAttribute('#now', 'class')).toContain('stale');
  });

  test('asks for an account where the broker wants one, and forgets it on signing out', async () => {
    const locked = await startGuest({ username: 'anna', password: 'right' });
    await locked.bus.say(topics.siteAnalysis, {}, siteNow());
    const page = await open(locked.url);
    await until('the form', () => page.isVisible('#sign-in'));
    expect(await page.isVisible('#views')).toBe(false);
    expect(await page.textContent('#sign-in-fault')).toBe('');

    const signIn = async (password: string): Promise<void> => {
      await page.fill('#user-name', 'anna');
      await page.fill('#password', password);
      await page.click('#sign-in [type=submit]');
    };
    await signIn('wrong');
    await shows(page, '#sign-in-fault', 'User name or password is wrong.');
    await signIn('right');
    await shows(page, '#today', '8.21');
    expect(await page.isVisible('#sign-in')).toBe(false);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('right');

    await load(page, page.url(), visitor.faults);
    await shows(page, '#today', '8.21');
    await page.click('#sign-out');
    await until('the form again', () => page.isVisible('#sign-in'));
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });
});
