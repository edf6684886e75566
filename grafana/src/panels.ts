import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { MeasurementName } from '@wattbus/time-series';
import {
  DATA_SOURCE,
  influxQuery,
  influxTable,
  type AnyQuery,
  type TableOf,
} from './influx-query.js';

/** Where a panel stands: Grafana's grid is 24 columns wide. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PanelText {
  readonly title: string;
  readonly unit: string;
  readonly about: string;
}

/** One number. */
export const numberPanel = (text: PanelText, place: Place, query: AnyQuery): Builder<Panel> =>
  new stat.PanelBuilder()
    .title(text.title)
    .description(text.about)
    .unit(text.unit)
    .datasource(DATA_SOURCE)
    .gridPos(place)
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(influxQuery(query));

/** Lines over time. */
export const linePanel = (
  text: PanelText,
  place: Place,
  queries: readonly AnyQuery[],
): Builder<Panel> => drawn(text, place, queries).fillOpacity(12).lineWidth(1);

/** Bars over time, one for each span. */
export const barPanel = (
  text: PanelText,
  place: Place,
  queries: readonly AnyQuery[],
): Builder<Panel> =>
  drawn(text, place, queries).drawStyle(common.GraphDrawStyle.Bars).fillOpacity(70).lineWidth(0);

/** Rows of text and numbers. */
export const tablePanel = <M extends MeasurementName>(
  text: Omit<PanelText, 'unit'>,
  place: Place,
  query: TableOf<M>,
): Builder<Panel> =>
  new table.PanelBuilder()
    .title(text.title)
    .description(text.about)
    .datasource(DATA_SOURCE)
    .gridPos(place)
    .withTarget(influxTable(query));

/** The SDK leaves panels without ids, and Grafana then numbers them anew at every load. */
export const withIds = (board: Dashboard): Dashboard =>
  ({
    ...board,
    panels: (board.panels ?? []).map((panel, i) => ({ ...panel, id: i + 1 })),
  }) as Dashboard;

function drawn(
  text: PanelText,
  place: Place,
  queries: readonly AnyQuery[],
): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(text.title)
    .description(text.about)
    .unit(text.unit)
    .datasource(DATA_SOURCE)
    .gridPos(place)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(queries.length > 1 || queries.some(({ by }) => by !== undefined)),
    );
  for (const [i, query] of queries.entries()) {
    panel.withTarget(influxQuery(query, String.fromCharCode(65 + i)));
  }
  return panel;
}
