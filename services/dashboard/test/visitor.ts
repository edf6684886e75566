import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { load, type PageFaults } from './house.js';

const CHROMIUM = '/usr/bin/chromium';
export const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.warn(`skipped: the page in a real browser, since there is no ${CHROMIUM}`);

export const phone = { viewport: { width: 390, height: 844 } };

/** Somebody with a browser, one page at a time, and what the browser complained of. */
export interface Visitor {
  readonly faults: PageFaults;
  open(url: string, options?: object): Promise<Page>;
  /** Closes the page; fails where there was any fault, or anything came from another host. */
  leavePage(): Promise<void>;
  goHome(): Promise<void>;
}

export async function startVisitor(): Promise<Visitor> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...args, '--no-first-run'],
  });
  const faults: PageFaults = [];
  let requested: string[] = [];
  let context: BrowserContext | undefined;
  return {
    faults,
    async open(url, options = {}) {
      faults.length = 0;
      requested = [];
      context = await browser.newContext({
        locale: 'en-GB',
        timezoneId: 'America/New_York',
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // A broker that is away is told by the browser too; all else, CSP above all, is a fault.
        if (message.type() === 'error' && !/WebSocket connection/.test(message.text())) {
          faults.push(message.text());
        }
      });
      page.on('request', (request) => requested.push(request.url()));
      page.on('websocket', (socket) => requested.push(socket.url()));
      await load(page, url, faults);
      return page;
    },
    async leavePage() {
      await context?.close();
      expect(faults).toEqual([]);
      const hosts = new Set(requested.map((one) => new URL(one).hostname));
      expect([...hosts]).toEqual(['127.0.0.1']);
    },
    goHome: () => browser.close(),
  };
}
