import type { Site } from '@wattbus/load-analysis';
import { loadTariffPlan, type WattbusConfig } from '@wattbus/service-config';
import { siteOf } from './domain/site.js';

/** What every provider that analyses asks for: `@Inject(SITE) site: Site`. */
export const SITE = Symbol('SITE');

/** The site with the tariffs that its configuration names. */
export const loadSite = async (config: WattbusConfig): Promise<Site> =>
  siteOf(config, await loadTariffPlan(config.tariff));
