import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { measurements, MeasurementName } from '@wattbus/time-series';

/** The provisioned data source; see `provisioning/datasources`. */
export const DATA_SOURCE = { type: 'influxdb', uid: 'wattbus' } as const;

type FieldOf<M extends MeasurementName> = keyof (typeof measurements)[M]['fields'] & string;

export type Aggregate = 'last' | 'mean' | 'max' | 'sum' | 'spread';

export interface QueryOf<M extends MeasurementName> {
  readonly from: M;
  readonly field: FieldOf<M>;
  readonly aggregate: Aggregate;
  /** Behind the aggregate: `/ 1000`, `* 4`. */
  readonly scale?: string;
  /** InfluxQL condition on tags: `"role" = 'grid'`. */
  readonly where?: string;
  /** Width of a row; `auto` is the panel's own, left out gives one row. */
  readonly every?: 'auto' | '15m' | '1d';
  /** One series for each value of the tag. */
  readonly by?: string;
  /** Name of the series; `$tag_meter` is the tag's value. */
  readonly alias?: string;
}

/** A query of any measurement, with a field that this measurement has. */
export type AnyQuery = { [M in MeasurementName]: QueryOf<M> }[MeasurementName];

/**
 * An InfluxQL query, whose names are checked against the store's table when this compiles. (The
 * SDK has no type for InfluxQL.)
 */
export function influxQuery(query: AnyQuery, refId = 'A'): Builder<Dataquery> {
  return {
    build: () =>
      ({
        datasource: DATA_SOURCE,
        refId,
        rawQuery: true,
        resultFormat: 'time_series',
        query: influxQl(query),
        ...(query.alias === undefined ? {} : { alias: query.alias }),
        _implementsDataqueryVariant: () => undefined,
        dataqueryName: () => 'influxql',
      }) as Dataquery,
  };
}

function influxQl(query: AnyQuery): string {
  const { from, field, aggregate, scale, where, every, by } = query;
  const groups = [
    ...(every === undefined ? [] : [`time(${every === 'auto' ? '$__interval' : every})`]),
    ...(by === undefined ? [] : [`"${by}"`]),
  ];
  return [
    `SELECT ${aggregate}("${field}")${scale === undefined ? '' : ` ${scale}`} FROM "${from}"`,
    `WHERE ${where === undefined ? '' : `${where} AND `}$timeFilter`,
    ...(groups.length === 0 ? [] : [`GROUP BY ${groups.join(', ')}`]),
    ...(every === undefined ? [] : ['fill(none)']),
  ].join(' ');
}
