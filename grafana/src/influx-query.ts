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
  readonly every?: 'auto' | '15m' | '1h' | '1d';
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
  const { alias } = query;
  return raw({
    refId,
    rawQuery: true,
    resultFormat: 'time_series',
    query: influxQl(query),
    ...(alias === undefined ? {} : { alias }),
  });
}

/** Points as they are, one a row. */
export interface TableOf<M extends MeasurementName> {
  readonly from: M;
  /** Fields with the names of their columns. */
  readonly columns: { readonly [Field in FieldOf<M>]?: string };
  /** Tags that are columns, too. */
  readonly tags?: Readonly<Record<string, string>>;
}

export function influxTable<M extends MeasurementName>({
  from,
  columns,
  tags = {},
}: TableOf<M>): Builder<Dataquery> {
  const named = Object.entries<string | undefined>({ ...tags, ...columns });
  const selected = named.map(([name, title]) => `"${name}" AS "${title}"`).join(', ');
  const query = `SELECT ${selected} FROM "${from}" WHERE $timeFilter ORDER BY time DESC`;
  return raw({ refId: 'A', rawQuery: true, resultFormat: 'table', query });
}

const raw = (query: object): Builder<Dataquery> => ({
  build: () =>
    ({
      datasource: DATA_SOURCE,
      ...query,
      _implementsDataqueryVariant: () => undefined,
      dataqueryName: () => 'influxql',
    }) as Dataquery,
});

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
