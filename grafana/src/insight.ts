import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  barPanel,
  linePanel,
  numberPanel,
  tablePanel,
  withIds,
  type Place,
  type PanelText,
} from './panels.js';
import type { AnyQuery } from './influx-query.js';

const grid = `"role" = 'grid'`;
const number = (column: number): Place => ({ x: column * 4, y: 0, w: 4, h: 5 });
const phases = ['L1', 'L2', 'L3'] as const;

/** The second board: what the home is like, what is odd, and what is to come. */
export function insightBoard(): Dashboard {
  const board = new DashboardBuilder('Wattbus: insight')
    .uid('wattbus-insight')
    .tags(['wattbus'])
    .time({ from: 'now-7d', to: 'now+1d' })
    .refresh('5m')
    .timezone('browser')
    .readonly();
  for (const panel of panels) board.withPanel(panel);
  return withIds(board.build());
}

const latest = (text: PanelText, column: number, query: AnyQuery): ReturnType<typeof numberPanel> =>
  numberPanel(text, number(column), query);

const expected = (field: 'meanWh' | 'p10Wh' | 'p90Wh', alias: string): AnyQuery => ({
  from: 'forecast',
  field,
  aggregate: 'sum',
  where: `${grid} AND "issue" = 'midnight'`,
  every: '1h',
  alias,
});

const panels = [
  latest({ title: 'Standby', unit: 'watt', about: 'Drawn at rest, median of two weeks.' }, 0, {
    from: 'baseload',
    field: 'baseloadW',
    aggregate: 'last',
    where: grid,
    every: 'auto',
  }),
  latest(
    { title: 'Standby a year', unit: 'none', about: 'At the month’s mean price, in its currency.' },
    1,
    { from: 'site', field: 'standbyYearCost', aggregate: 'last', every: 'auto' },
  ),
  latest({ title: 'Expected tomorrow', unit: 'kwatth', about: 'From the grid.' }, 2, {
    from: 'site',
    field: 'forecastTomorrowWh',
    aggregate: 'last',
    scale: '/ 1000',
    every: 'auto',
  }),
  latest(
    {
      title: 'Forecast error (MASE)',
      unit: 'none',
      about: 'Error over the error of "as yesterday", four weeks: below 1 it is worth having.',
    },
    3,
    { from: 'skill', field: 'mase', aggregate: 'last', where: grid, every: '1d' },
  ),
  latest({ title: 'CO₂ today', unit: 'massg', about: 'Of energy from the grid.' }, 4, {
    from: 'carbon',
    field: 'importTodayG',
    aggregate: 'last',
    where: grid,
    every: 'auto',
  }),
  latest(
    {
      title: 'Independence',
      unit: 'percentunit',
      about: 'Load that the grid did not give, today.',
    },
    5,
    { from: 'site', field: 'autarkyShare', aggregate: 'last', every: 'auto' },
  ),
  linePanel(
    {
      title: 'Forecast and actual',
      unit: 'watth',
      about: 'Each hour as its day’s midnight expected it, with the range of 8 of 10 hours.',
    },
    { x: 0, y: 5, w: 24, h: 9 },
    [
      {
        from: 'quarter',
        field: 'importWh',
        aggregate: 'sum',
        where: grid,
        every: '1h',
        alias: 'actual',
      },
      expected('meanWh', 'expected'),
      expected('p10Wh', 'low (P10)'),
      expected('p90Wh', 'high (P90)'),
    ],
  ),
  linePanel(
    { title: 'Standby', unit: 'watt', about: 'The median of two weeks, and the running estimate.' },
    { x: 0, y: 14, w: 12, h: 8 },
    [
      { from: 'baseload', field: 'baseloadW', aggregate: 'last', every: 'auto', alias: 'median' },
      { from: 'baseload', field: 'liveW', aggregate: 'mean', every: 'auto', alias: 'now' },
    ],
  ),
  tablePanel(
    { title: 'Unusual', about: 'When it began, what it takes a day, and why it is unusual.' },
    { x: 12, y: 14, w: 12, h: 8 },
    {
      from: 'anomaly',
      tags: { meter: 'Meter', kind: 'Kind' },
      columns: { reason: 'Reason', excessWhPerDay: 'Wh a day', confidence: 'Confidence' },
    },
  ),
  linePanel(
    { title: 'Voltage', unit: 'volt', about: 'Means of ten minutes, each phase against neutral.' },
    { x: 0, y: 22, w: 12, h: 8 },
    phases.map((phase) => ({
      from: 'quality' as const,
      field: `voltage${phase}V` as const,
      aggregate: 'mean' as const,
      every: 'auto' as const,
      alias: phase,
    })),
  ),
  linePanel(
    {
      title: 'Voltage within ±10 %',
      unit: 'percentunit',
      about: 'Share of the week’s ten-minute means; EN 50160 promises 95 %.',
    },
    { x: 12, y: 22, w: 12, h: 8 },
    phases.map((phase) => ({
      from: 'quality' as const,
      field: `bandShare${phase}` as const,
      aggregate: 'last' as const,
      every: 'auto' as const,
      alias: phase,
    })),
  ),
  barPanel(
    { title: 'CO₂ by day', unit: 'massg', about: 'Of energy from the grid; feed-in is beside it.' },
    { x: 0, y: 30, w: 12, h: 7 },
    [
      { from: 'carbon', field: 'importTodayG', aggregate: 'max', every: '1d', alias: 'import' },
      { from: 'carbon', field: 'exportTodayG', aggregate: 'max', every: '1d', alias: 'feed-in' },
    ],
  ),
  linePanel(
    {
      title: 'Data',
      unit: 'percentunit',
      about: 'How much of the month readings cover, and how much of its energy is estimated.',
    },
    { x: 12, y: 30, w: 12, h: 7 },
    [
      { from: 'quality', field: 'coverage', aggregate: 'last', every: 'auto', alias: 'covered' },
      {
        from: 'quality',
        field: 'estimatedShare',
        aggregate: 'last',
        every: 'auto',
        alias: 'estimated',
      },
    ],
  ),
];
