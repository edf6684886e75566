import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { barPanel, linePanel, numberPanel, withIds } from './panels.js';

const grid = `"role" = 'grid'`;
const number = (column: number): { x: number; y: number; w: number; h: number } => ({
  x: column * 4,
  y: 0,
  w: 4,
  h: 5,
});

/** The first board: what the home does now, today and this month. */
export function nowBoard(): Dashboard {
  const board = new DashboardBuilder('Wattbus: now')
    .uid('wattbus-now')
    .tags(['wattbus'])
    .time({ from: 'now-24h', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .readonly();
  for (const panel of panels) board.withPanel(panel);
  return withIds(board.build());
}

const panels = [
  numberPanel(
    { title: 'Power now', unit: 'watt', about: 'Import is positive, feed-in negative.' },
    number(0),
    { from: 'reading', field: 'powerW', aggregate: 'mean', where: grid, every: 'auto' },
  ),
  numberPanel(
    { title: 'Energy today', unit: 'kwatth', about: 'Taken from the grid since local midnight.' },
    number(1),
    { from: 'site', field: 'importTodayWh', aggregate: 'last', scale: '/ 1000', every: 'auto' },
  ),
  numberPanel(
    { title: 'Cost today', unit: 'none', about: 'At the configured tariff, in its currency.' },
    number(2),
    { from: 'site', field: 'costToday', aggregate: 'last', every: 'auto' },
  ),
  numberPanel(
    { title: 'Energy this month', unit: 'kwatth', about: 'Taken from the grid this month.' },
    number(3),
    { from: 'site', field: 'importMonthWh', aggregate: 'last', scale: '/ 1000', every: 'auto' },
  ),
  numberPanel(
    { title: 'Cost this month', unit: 'none', about: 'At the configured tariff, in its currency.' },
    number(4),
    { from: 'site', field: 'costMonth', aggregate: 'last', every: 'auto' },
  ),
  numberPanel(
    { title: 'Peak of the month', unit: 'watt', about: 'The highest quarter-hour mean.' },
    number(5),
    { from: 'site', field: 'demandPeakMonthW', aggregate: 'last', every: 'auto' },
  ),
  linePanel(
    { title: 'Power', unit: 'watt', about: 'Import above zero, feed-in below.' },
    { x: 0, y: 5, w: 24, h: 9 },
    [
      {
        from: 'reading',
        field: 'powerW',
        aggregate: 'mean',
        where: `"medium" = 'electricity'`,
        every: 'auto',
        by: 'meter',
        alias: '$tag_meter',
      },
    ],
  ),
  barPanel(
    {
      title: 'Energy by quarter-hour',
      unit: 'watth',
      about: 'Closed quarter-hours, from the registers of the meter.',
    },
    { x: 0, y: 14, w: 12, h: 8 },
    [
      {
        from: 'quarter',
        field: 'importWh',
        aggregate: 'sum',
        where: grid,
        every: '15m',
        alias: 'import',
      },
      {
        from: 'quarter',
        field: 'exportWh',
        aggregate: 'sum',
        scale: '* -1',
        where: grid,
        every: '15m',
        alias: 'feed-in',
      },
    ],
  ),
  linePanel(
    {
      title: 'Demand of the quarter-hour',
      unit: 'watt',
      about: 'Mean so far, and where the running quarter-hour will end.',
    },
    { x: 12, y: 14, w: 12, h: 8 },
    [
      {
        from: 'site',
        field: 'demandAverageW',
        aggregate: 'last',
        every: 'auto',
        alias: 'so far',
      },
      {
        from: 'site',
        field: 'demandPredictedW',
        aggregate: 'last',
        every: 'auto',
        alias: 'predicted',
      },
    ],
  ),
  linePanel(
    { title: 'Voltage', unit: 'volt', about: 'Each phase against neutral.' },
    { x: 0, y: 22, w: 12, h: 8 },
    (['voltageL1V', 'voltageL2V', 'voltageL3V'] as const).map((field, i) => ({
      from: 'reading' as const,
      field,
      aggregate: 'mean' as const,
      where: grid,
      every: 'auto' as const,
      alias: `L${i + 1}`,
    })),
  ),
  linePanel(
    { title: 'Power by phase', unit: 'watt', about: 'Import positive, feed-in negative.' },
    { x: 12, y: 22, w: 12, h: 8 },
    (['powerL1W', 'powerL2W', 'powerL3W'] as const).map((field, i) => ({
      from: 'reading' as const,
      field,
      aggregate: 'mean' as const,
      where: grid,
      every: 'auto' as const,
      alias: `L${i + 1}`,
    })),
  ),
  barPanel(
    { title: 'Gas and water by quarter-hour', unit: 'litre', about: 'From the meters’ registers.' },
    { x: 0, y: 30, w: 24, h: 7 },
    [
      {
        from: 'quarter',
        field: 'volumeL',
        aggregate: 'sum',
        every: '15m',
        by: 'meter',
        alias: '$tag_meter',
      },
    ],
  ),
];
