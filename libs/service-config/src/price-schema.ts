import { z } from 'zod';

const EIC = /^[0-9]{2}[A-Z][A-Z0-9-]{13}$/;

/** Where prices of the market come from. */
export const Prices = z.object({
  kind: z
    .enum(['mqtt', 'http', 'entsoe', 'csv'])
    .describe(
      'mqtt: somebody else says them on `price/import`; http: JSON from an address; entsoe: the ' +
        'day-ahead prices of the European grid operators; csv: a file that is read again.',
    ),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('http: the address; {date} is today. entsoe: another address than the public one.'),
  file: z.string().optional().describe('csv: columns time and price, or price_mwh.'),
  area: z
    .string()
    .regex(EIC, 'must be an EIC code such as 10YNL----------L')
    .optional()
    .describe('entsoe: the bidding zone, as 10YNL----------L, 10YBE----------2, 10YFR-RTE------C.'),
  token: z.string().optional().describe('Better: tokenFile.'),
  tokenFile: z
    .string()
    .optional()
    .describe('File that holds nothing but the token: of entsoe, or the bearer of http.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR or KRW')
    .default('EUR'),
  divideBy: z
    .number()
    .positive()
    .default(1)
    .describe(
      'http, csv: what makes a price one per kWh of the currency: 1000 of MWh, 100 of cents.',
    ),
  everyMin: z
    .number()
    .min(1)
    .max(1_440)
    .default(30)
    .describe('From one fetch to the next. Fails are tried again sooner.'),
  staleAfterMin: z
    .number()
    .min(1)
    .default(180)
    .describe('An alert is raised once no price of now has been known for so long.'),
});
type Prices = z.output<typeof Prices>;

interface Wrong {
  readonly field: keyof Prices;
  readonly message: string;
}

const needed: Record<Prices['kind'], readonly (keyof Prices)[]> = {
  mqtt: [],
  http: ['url'],
  entsoe: ['area'],
  csv: ['file'],
};

/** What the kind of feed lacks. */
export function wrongInPrices(prices: Prices): Wrong[] {
  const { kind, token, tokenFile } = prices;
  const missing = needed[kind]
    .filter((field) => prices[field] === undefined)
    .map((field) => ({ field, message: `is needed by the kind ${kind}` }));
  if (kind !== 'entsoe' || token !== undefined || tokenFile !== undefined) return missing;
  const message = 'is needed by the kind entsoe: transparency.entsoe.eu gives one for free';
  return [...missing, { field: 'tokenFile', message }];
}
