/** The rows of the contract that the page speaks; the service sends their paths along. */
export const pageTopicNames = [
  'siteAnalysis',
  'forecastAnalysis',
  'meterReading',
  'meterState',
  'controlState',
  'serviceHealth',
  'serviceAlert',
  'billAnalysis',
  'historyRequest',
  'historyReply',
] as const;
export type PageTopicName = (typeof pageTopicNames)[number];

/** `config.json`: everything that the page cannot know by itself, no secrets. */
export interface PageConfig {
  readonly v: 1;
  readonly site: {
    readonly name: string;
    /** IANA time zone: days and hours of the page are those of the site. */
    readonly zone: string;
    readonly language: 'auto' | 'en' | 'ko';
  };
  readonly currency: string;
  /** Concrete paths with the root; parameters in braces: `energy/meter/{meter}/reading`. */
  readonly topics: Readonly<Record<PageTopicName, string>>;
}
