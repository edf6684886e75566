import type { z } from 'zod';
import * as samples from './insight-samples.js';
import * as insight from './payloads/insight.js';
import { people, topic, type Topic, type TopicRow } from './topic.js';

/** A result that an analyzer says of each meter when it changes; at most a few times an hour. */
const result = <Schema extends z.ZodType>(
  row: Pick<TopicRow<Schema>, 'path' | 'about' | 'payload' | 'sample'>,
): Topic<z.output<Schema>> =>
  topic<Schema>({
    ...row,
    encoding: 'json',
    qos: 1,
    retain: true,
    publishedBy: ['analyzer'],
    subscribedBy: ['analyzer', 'controller', 'historian', ...people],
  });

export const insightTopics = {
  baseloadAnalysis: result({
    path: 'analysis/{meter}/baseload',
    about: 'What the home draws at rest, its trend and what that adds up to.',
    payload: insight.BaseloadAnalysis,
    sample: samples.baseloadAnalysis,
  }),
  anomalyAnalysis: result({
    path: 'analysis/{meter}/anomaly',
    about: 'What is odd about the load now: since when, how much, and why.',
    payload: insight.AnomalyAnalysis,
    sample: samples.anomalyAnalysis,
  }),
  applianceAnalysis: result({
    path: 'analysis/{meter}/appliance',
    about: 'Big loads that were recognised by their steps in power, and how often they run.',
    payload: insight.ApplianceAnalysis,
    sample: samples.applianceAnalysis,
  }),
  forecastAnalysis: result({
    path: 'analysis/{meter}/forecast',
    about:
      'The load of the next 48 hours with its band, of panels their production, and how good the ' +
      'forecast has been.',
    payload: insight.ForecastAnalysis,
    sample: samples.forecastAnalysis,
  }),
  qualityAnalysis: result({
    path: 'analysis/{meter}/quality',
    about: 'Voltage, balance and failures of the connection, and how complete the data are.',
    payload: insight.QualityAnalysis,
    sample: samples.qualityAnalysis,
  }),
  carbonAnalysis: result({
    path: 'analysis/{meter}/carbon',
    about: 'CO2 of today and this month, where the grid’s intensity is known.',
    payload: insight.CarbonAnalysis,
    sample: samples.carbonAnalysis,
  }),
  carbonFeed: topic({
    path: 'carbon/import',
    about:
      'From outside: grams of CO2 a kilowatt-hour from the grid, by spans of time. Keep the last ' +
      'days in it, then a restart finds them again.',
    encoding: 'json',
    payload: insight.CarbonFeed,
    qos: 1,
    retain: true,
    publishedBy: ['operator', 'admin'],
    subscribedBy: ['analyzer', ...people],
    sample: samples.carbonFeed,
  }),
  temperatureFeed: topic({
    path: 'site/temperature',
    about:
      'From outside: the outdoor temperature by spans of time, of the last hours and of the next two ' +
      'days. The forecast of the load uses it where that helps; what it said when an hour closed counts.',
    encoding: 'json',
    payload: insight.TemperatureFeed,
    qos: 1,
    retain: true,
    publishedBy: ['operator', 'admin'],
    subscribedBy: ['analyzer', ...people],
    sample: samples.temperatureFeed,
  }),
  pvForecastFeed: topic({
    path: 'site/pv-forecast',
    about:
      'From outside: the power that the panels are expected to give by spans of time, of today and of ' +
      'the next two days. A meter of role `pv` calibrates it; what it said when an hour closed counts.',
    encoding: 'json',
    payload: insight.PvForecastFeed,
    qos: 1,
    retain: true,
    publishedBy: ['operator', 'admin'],
    subscribedBy: ['analyzer', ...people],
    sample: samples.pvForecastFeed,
  }),
  siteAway: topic({
    path: 'site/away',
    about:
      'From outside: nobody is at home in this time. Who comes back earlier says it with that `to`.',
    encoding: 'json',
    payload: insight.SiteAway,
    qos: 1,
    retain: true,
    publishedBy: ['operator', 'admin'],
    subscribedBy: ['analyzer', ...people],
    sample: samples.siteAway,
  }),
} as const;
