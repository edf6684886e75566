import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnyQuery } from './influx-query.js';
import { barPanel, linePanel, numberPanel, withIds, type PanelText, type Place } from './panels.js';

const grid = `"role" = 'grid'`;
const number = (column: number): Place => ({ x: column * 4, y: 0, w: 4, h: 5 });

/** The third board: what energy costs, and what the bill will come to. */
export function costBoard(): Dashboard {
  const board = new DashboardBuilder('Wattbus: cost')
    .uid('wattbus-cost')
    .tags(['wattbus'])
    .time({ from: 'now-30d', to: 'now' })
    .refresh('5m')
    .timezone('browser')
    .readonly();
  for (const panel of panels) board.withPanel(panel);
  return withIds(board.build());
}

const latest = (
  text: Omit<PanelText, 'unit'>,
  column: number,
  query: AnyQuery,
): ReturnType<typeof numberPanel> =>
  numberPanel({ ...text, unit: 'none' }, number(column), {
    ...query,
    aggregate: 'last',
    every: 'auto',
  });

type BillField = 'total' | 'expectedLow' | 'expected' | 'expectedHigh' | 'pricePerKWh' | 'importWh';

const ofBill = (field: BillField, alias: string, every: 'auto' | '1d' = 'auto'): AnyQuery => ({
  from: 'bill',
  field,
  aggregate: 'last',
  where: grid,
  every,
  alias,
});

const ofDay = (field: 'importToday' | 'exportToday' | 'fixedToday', alias: string): AnyQuery => ({
  from: 'cost',
  field,
  aggregate: 'last',
  where: grid,
  every: '1d',
  alias,
});

const panels = [
  latest({ title: 'Cost today', about: 'At the configured tariff, in its currency.' }, 0, {
    from: 'site',
    field: 'costToday',
    aggregate: 'last',
  }),
  latest({ title: 'Bill so far', about: 'What is due if nothing more is used.' }, 1, {
    from: 'bill',
    field: 'total',
    aggregate: 'last',
    where: grid,
  }),
  latest({ title: 'Bill expected', about: 'At the end of the billing period.' }, 2, {
    from: 'bill',
    field: 'expected',
    aggregate: 'last',
    where: grid,
  }),
  latest({ title: 'One more kWh', about: 'What it costs now, with all that comes on top.' }, 3, {
    from: 'bill',
    field: 'pricePerKWh',
    aggregate: 'last',
    where: grid,
  }),
  latest({ title: 'Peak of the month', about: 'What the charge for the highest demand is.' }, 4, {
    from: 'bill',
    field: 'capacityCost',
    aggregate: 'last',
    where: grid,
  }),
  latest({ title: 'Standby a year', about: 'At the month’s mean price.' }, 5, {
    from: 'site',
    field: 'standbyYearCost',
    aggregate: 'last',
  }),
  linePanel(
    {
      title: 'The bill as it grows',
      unit: 'none',
      about: 'So far, and what it was expected to come to, with the range of 8 of 10 bills.',
    },
    { x: 0, y: 5, w: 24, h: 9 },
    [
      ofBill('total', 'so far'),
      ofBill('expected', 'expected'),
      ofBill('expectedLow', 'low (P10)'),
      ofBill('expectedHigh', 'high (P90)'),
    ],
  ),
  barPanel(
    { title: 'Cost by day', unit: 'none', about: 'Energy, feed-in and what is fixed, with VAT.' },
    { x: 0, y: 14, w: 12, h: 8 },
    [ofDay('importToday', 'energy'), ofDay('exportToday', 'feed-in'), ofDay('fixedToday', 'fixed')],
  ),
  linePanel(
    {
      title: 'Price of one more kWh',
      unit: 'none',
      about: 'Of blocks, that of the one which the bill will reach.',
    },
    { x: 12, y: 14, w: 12, h: 8 },
    [ofBill('pricePerKWh', 'price')],
  ),
  barPanel(
    { title: 'Days', unit: 'none', about: 'The finals of local days; late prices mend them.' },
    { x: 0, y: 22, w: 12, h: 8 },
    [{ from: 'day', field: 'cost', aggregate: 'last', where: grid, every: '1d', alias: 'cost' }],
  ),
  linePanel(
    { title: 'Peak of the month', unit: 'watt', about: 'The highest quarter-hour mean so far.' },
    { x: 12, y: 22, w: 12, h: 8 },
    [
      {
        from: 'peak',
        field: 'peakMonthW',
        aggregate: 'last',
        where: grid,
        every: 'auto',
        alias: 'peak',
      },
    ],
  ),
  barPanel(
    { title: 'CO₂ by day', unit: 'massg', about: 'Of energy from the grid.' },
    { x: 0, y: 30, w: 24, h: 7 },
    [
      {
        from: 'carbon',
        field: 'importTodayG',
        aggregate: 'max',
        where: grid,
        every: '1d',
        alias: 'import',
      },
    ],
  ),
];
