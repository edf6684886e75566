import { topics, type Topic } from '@wattbus/mqtt-contract';
import { currencyOf, type WattbusConfig } from '@wattbus/service-config';
import { pageTopicNames, type PageConfig, type PageTopicName } from './page/page-config.js';

/** What the page has to know, and nothing that is secret. */
export function pageConfigOf({ mqtt, site, tariff }: WattbusConfig): PageConfig {
  const path = (name: PageTopicName): string => {
    const topic: Topic = topics[name];
    return topic.filter(
      mqtt.root,
      Object.fromEntries(topic.paramNames.map((param) => [param, `{${param}}`])),
    );
  };
  const paths = pageTopicNames.map((name) => [name, path(name)] as const);
  return {
    v: 1,
    site: { name: site.name, zone: site.zone, language: site.language },
    currency: currencyOf(tariff),
    topics: Object.fromEntries(paths) as PageConfig['topics'],
  };
}
