import * as samples from './analysis-samples.js';
import { insightTopics } from './insight-topics.js';
import * as analysis from './payloads/analysis.js';
import * as bill from './payloads/bill.js';
import * as price from './payloads/price.js';
import { RecentDays } from './payloads/recent-days.js';
import { people, topic } from './topic.js';

/** What the analyzers say: of the whole site, and of each meter. */
export const analysisTopics = {
  siteAnalysis: topic({
    path: 'analysis',
    about: 'The whole site now: power, energy, cost, demand, and what stands out.',
    encoding: 'json',
    payload: analysis.SiteAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
    sample: samples.siteAnalysis,
  }),
  energyAnalysis: topic({
    path: 'analysis/{meter}/energy',
    about:
      'Energy of today, week, month, billing period and year from registers, with the closed ' +
      'quarter-hours of today.',
    encoding: 'json',
    payload: analysis.EnergyAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
    sample: samples.energyAnalysis,
  }),
  dayAnalysis: topic({
    path: 'analysis/{meter}/day',
    about: 'The final of the last closed local day.',
    encoding: 'json',
    payload: analysis.DayAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'historian', ...people],
    sample: samples.dayAnalysis,
  }),
  recentDays: topic({
    path: 'analysis/{meter}/days',
    about:
      'The finals of the last 40 closed local days, quarter-hours as columns: whoever was away when ' +
      'a day closed takes it from here.',
    encoding: 'json',
    payload: RecentDays,
    qos: 1,
    subscribeQos: 0,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'historian', ...people],
    sample: samples.recentDays,
  }),
  costAnalysis: topic({
    path: 'analysis/{meter}/cost',
    about: 'Cost of today and this month at the configured tariff.',
    encoding: 'json',
    payload: analysis.CostAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
    sample: samples.costAnalysis,
  }),
  billAnalysis: topic({
    path: 'analysis/{meter}/bill',
    about: 'The bill that is open, line by line, what it will come to, and what more would cost.',
    encoding: 'json',
    payload: bill.BillAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
    sample: samples.billAnalysis,
  }),
  marketPrices: topic({
    path: 'price/{direction}',
    about:
      'Prices of the market for energy taken (`price/import`) and fed in (`price/export`), before ' +
      'what the tariff adds. By price-feed, or by a program of your own. A list of `start`, `end` ' +
      'and `value` per kWh will do as well.',
    encoding: 'json',
    payload: price.MarketPrices,
    qos: 1,
    retain: true,
    publishedBy: ['price-feed', 'operator', 'admin'],
    subscribedBy: ['analyzer', 'controller', 'price-feed', ...people],
    values: { direction: new Set<string>(price.priceDirections) },
    sample: samples.marketPrices,
  }),
  peakAnalysis: topic({
    path: 'analysis/{meter}/peak',
    about: 'Demand of the running quarter-hour and the highest of the month.',
    encoding: 'json',
    payload: analysis.PeakAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
    sample: samples.peakAnalysis,
  }),
  ...insightTopics,
  registerAnalysis: topic({
    path: 'analysis/{meter}/register',
    about:
      'The meter’s registers as they go on over a replaced meter or a full display: they never ' +
      'fall. `value` − `offset` is what the meter itself shows.',
    encoding: 'json',
    payload: analysis.RegisterAnalysis,
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', ...people],
    sample: samples.registerAnalysis,
  }),
} as const;
