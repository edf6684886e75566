import type { AnalysisSite } from '@wattbus/load-analysis';
import type { WattbusConfig } from '@wattbus/service-config';
import { createCalendar, type Component, type Tariff } from '@wattbus/tariffs';

/** What the configuration says of the site. */
export const siteOf = ({ site, tariff }: Pick<WattbusConfig, 'site' | 'tariff'>): AnalysisSite => ({
  calendar: createCalendar(site.zone, site.billingDay),
  tariff: tariffOf(tariff),
  nominalVoltageV: site.nominalVoltageV,
});

function tariffOf(given: WattbusConfig['tariff']): Tariff {
  const { name, currency, vatPercent, importPricePerKWh, exportPricePerKWh } = given;
  const components: Component[] = [
    { id: 'import', kind: 'flat', direction: 'import', pricePerKWh: importPricePerKWh },
    { id: 'export', kind: 'flat', direction: 'export', pricePerKWh: exportPricePerKWh },
    { id: 'day', kind: 'fixed', per: 'day', amount: given.fixedPerDay },
    { id: 'month', kind: 'fixed', per: 'month', amount: given.fixedPerMonth },
  ];
  return { name, currency, vat: vatPercent / 100, components };
}
