import type { AnalysisSite } from '@wattbus/load-analysis';
import { flatTariff, loadTariffPlan, type WattbusConfig } from '@wattbus/service-config';
import { planOf } from '@wattbus/tariffs';
import { siteOf } from './domain/site.js';

/** What every provider that analyses asks for: `@Inject(SITE) site: AnalysisSite`. */
export const SITE = Symbol('SITE');

/** The site with the tariffs that its configuration names. */
export const loadSite = async (config: WattbusConfig): Promise<AnalysisSite> =>
  siteOf(config, await loadTariffPlan(config.tariff));

/** The same where the first tariff is a flat one, of which nothing has to be loaded. */
export const flatSite = (config: WattbusConfig): AnalysisSite =>
  siteOf(config, planOf(flatTariff(config.tariff[0]!)));
