import { topics, type HistoryRequest, type SiteAnalysis } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { joinBus, testConfig, until, type Person } from '@wattbus/testing';
import type { Page } from 'playwright-core';
import { DashboardServer, dashboard as definition } from '../src/index.js';
import { startWebSocketBroker, type WebSocketBroker } from './web-socket-broker.js';

export interface House {
  readonly broker: WebSocketBroker;
  readonly dashboard: RunningService;
  readonly url: string;
  readonly bus: Person;
}

export async function startHouse(account?: { username: string; password: string }): Promise<House> {
  const broker = await startWebSocketBroker(account ? { account } : {});
  const dashboard = await startService(
    definition,
    testConfig({
      site: { name: 'Villa', zone: 'Europe/Amsterdam' },
      mqtt: { url: broker.tcpUrl },
      dashboard: { port: 0, brokerWebSocketUrl: broker.webSocketUrl },
      logLevel: 'fatal',
    }),
  );
  const bus = await joinBus(broker.tcpUrl);
  return { broker, dashboard, bus, url: dashboard.get(DashboardServer).url };
}

export async function stopHouse({ broker, dashboard, bus }: House): Promise<void> {
  await bus.leave();
  await dashboard.stop();
  await broker.stop();
}

export function siteAt(at: string, given: Partial<SiteAnalysis> = {}): SiteAnalysis {
  const { sample } = topics.siteAnalysis.row;
  const meters = sample.meters.map((meter) => ({ ...meter, at }));
  return { ...sample, at, meters, importTodayWh: 8_214, costToday: 2.456, ...given };
}

export const siteNow = (given: Partial<SiteAnalysis> = {}): SiteAnalysis =>
  siteAt(new Date().toISOString(), given);

export const sayReading = (bus: Person, powerW: number, atMs = Date.now()): Promise<void> =>
  bus.say(
    topics.meterReading,
    { meter: 'main' },
    {
      ...topics.meterReading.row.sample,
      at: new Date(atMs).toISOString(),
      powerW,
    },
  );

/**
 * Answers like a historian that has run for a while: the first third of the time is missing. One
 * that `isBehind` has stored nothing yet.
 */
export async function answerHistory(
  bus: Person,
  isBehind = (): boolean => false,
): Promise<readonly HistoryRequest[]> {
  const requests = await bus.hear(topics.historyRequest);
  bus.client.on('message', (name, bytes) => {
    if (name !== 'energy/history/request') return;
    const request = JSON.parse(bytes.toString()) as HistoryRequest;
    const { client, id, meter, quantity, resolutionS } = request;
    const stepMs = resolutionS * 1_000;
    const [fromMs, toMs] = [Date.parse(request.from), Date.parse(request.to)];
    const from = Math.ceil((fromMs + (toMs - fromMs) / 3) / stepMs) * stepMs;
    const atMs: number[] = [];
    for (let at = from; at < toMs && !isBehind(); at += stepMs) atMs.push(at);
    const mean = atMs.map((at) => Math.round(1_500 * Math.sin(at / 4e6)));
    const reply = { v: 1 as const, id, meter, quantity, resolutionS, cut: false, atMs, mean };
    void bus.say(topics.historyReply, { client }, reply);
  });
  return requests;
}

export const shows = (page: Page, selector: string, part: string): Promise<true> =>
  until(`"${part}" in ${selector}`, async () =>
    ((await page.textContent(selector)) ?? '').replaceAll('\u00a0', ' ').includes(part),
  );
export const points = async (page: Page): Promise<number> =>
  Number(await page.getAttribute('#plot', 'data-points'));

const LOADS_MAX = 20;
const droppedText = 'ERR_NETWORK_CHANGED';

/** Errors of a page in the order in which they came; the browser says them on its console. */
export type PageFaults = string[];

/**
 * Loads the page whole. Containers that start or end beside the test change the machine's network
 * interfaces, and a browser then drops what it is loading: what it says of a load that was dropped
 * counts no more, and the page is loaded again.
 */
export async function load(page: Page, url: string, faults: PageFaults): Promise<void> {
  for (let n = 1; n <= LOADS_MAX; n += 1) {
    const before = faults.length;
    const refused = await page.goto(url).then(
      () => null,
      (error: Error) => error,
    );
    if (refused && !refused.message.includes(droppedText)) throw refused;
    const isDropped = refused || faults.slice(before).some((text) => text.includes(droppedText));
    if (!isDropped) return;
    faults.length = before;
  }
  throw new Error(`the machine's network changed during each of ${LOADS_MAX} loads of ${url}`);
}
