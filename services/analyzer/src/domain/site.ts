import type { AnalysisSite } from '@wattbus/load-analysis';
import type { WattbusConfig } from '@wattbus/service-config';
import { createCalendar, type TariffPlan } from '@wattbus/tariffs';

/** What the configuration says of the site. */
export const siteOf = ({ site }: Pick<WattbusConfig, 'site'>, plan: TariffPlan): AnalysisSite => ({
  calendar: createCalendar(site.zone, site.billingDay),
  plan,
  nominalVoltageV: site.nominalVoltageV,
});
