import type { Site } from '@wattbus/load-analysis';
import type { WattbusConfig } from '@wattbus/service-config';
import { createCalendar, type TariffPlan } from '@wattbus/tariffs';

/** The site's calendar and its bills, from its configuration. */
export const siteOf = ({ site }: Pick<WattbusConfig, 'site'>, plan: TariffPlan): Site => ({
  calendar: createCalendar(site.zone),
  plan,
  billingDay: site.billingDay,
});
