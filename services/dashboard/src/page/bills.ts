import type { BillAnalysis } from '@wattbus/mqtt-contract';
import { byId, renderRows, setFigure, setText, within } from './dom.js';
import * as format from './format.js';
import type { PageState } from './state.js';
import type { Speech } from './view.js';

/** The bill of each meter at the grid connection; nothing where none is billed. */
export function renderBills({ bills }: PageState, speech: Speech): void {
  const rows = [...bills.values()].sort((a, b) => (a.meter < b.meter ? -1 : 1));
  byId('bills').hidden = rows.length === 0;
  renderRows(byId('bills'), rows, {
    keyOf: ({ meter }) => meter,
    template: 'bill-card',
    fill: (element, bill) => fillBill(element, bill, speech, rows.length > 1),
  });
}

function fillBill(
  element: Element,
  bill: BillAnalysis,
  { text, formats, language }: Speech,
  isNamed: boolean,
): void {
  const { currency, period, forecast, lines, reasons } = bill;
  const money = (amount: number): string => format.money(amount, currency, formats);
  setText(
    within(element, '.bill-title'),
    isNamed ? `${text('bill')} · ${bill.meter}` : text('bill'),
  );
  const from = format.day(Date.parse(period.from), formats);
  const to = format.day(Date.parse(period.to) - 1, formats);
  setText(within(element, '.bill-span'), `${from} – ${to}`);
  setFigure(element, { number: money(forecast?.p50.total ?? bill.total), unit: '' });
  const band = forecast && { low: money(forecast.p10.total), high: money(forecast.p90.total) };
  setText(within(element, '.bill-band'), band ? text('billExpected', band) : text('billSoFar'));
  renderRows(within(element, '.bill-figures'), figuresOf(bill, { text, formats, language }), {
    keyOf: ({ key }) => key,
    template: 'period-row',
    fill: (row, { name, amount }) => {
      setText(within(row, 'dt'), name);
      setText(within(row, 'dd'), amount);
    },
  });
  renderRows(within(element, '.bill-reasons'), reasons, {
    keyOf: ({ en }) => en,
    template: 'bill-reason',
    fill: (row, reason) => setText(row, reason[language]),
  });
  setText(within(element, 'summary'), text('billLines'));
  renderRows(within(element, '.bill-lines'), lines, {
    keyOf: ({ id }) => id,
    template: 'period-row',
    fill: (row, { title, amount }) => {
      setText(within(row, 'dt'), title);
      setText(within(row, 'dd'), money(amount));
    },
  });
}

interface BillFigure {
  readonly key: string;
  readonly name: string;
  readonly amount: string;
}

function figuresOf(bill: BillAnalysis, { text, formats }: Speech): BillFigure[] {
  const { currency, today, price, capacity, forecast } = bill;
  const money = (amount: number): string => format.money(amount, currency, formats);
  const perKWh = (amount: number): string => `${format.price(amount, currency, formats)}/kWh`;
  const cheapest = [...price.slots].sort((a, b) => a.pricePerKWh - b.pricePerKWh)[0];
  const isCheaper = cheapest && price.now !== null && cheapest.pricePerKWh < price.now;
  const until = cheapest && format.when(Date.parse(cheapest.end), Date.parse(bill.at), formats);
  return [
    // Without a forecast it is the card's figure already.
    ...(forecast ? [{ key: 'so-far', name: text('billSoFar'), amount: money(bill.total) }] : []),
    ...(today === null ? [] : [{ key: 'today', name: text('billToday'), amount: money(today) }]),
    ...(price.now === null
      ? []
      : [{ key: 'now', name: text('billNextKWh'), amount: perKWh(price.now) }]),
    ...(isCheaper
      ? [
          {
            key: 'cheapest',
            name: text('billCheapest', { time: until ?? '' }),
            amount: perKWh(cheapest.pricePerKWh),
          },
        ]
      : []),
    ...(capacity
      ? [
          {
            key: 'peak',
            name: text('billPeak', { peak: format.join(format.power(capacity.peakW, formats)) }),
            amount: money(capacity.cost),
          },
        ]
      : []),
  ];
}
