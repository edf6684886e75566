import type { Medium, Role } from '@wattbus/energy-model';
import type { Measurement } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';

type Channel = MeterConfig['channels'][number];

/** Which meter of the configuration a telegram came from, and what is known of those behind it. */
export type Source = Pick<MeterConfig, 'name' | 'role' | 'channels'>;

export interface NamedChannel {
  readonly meter: string;
  readonly role: Role;
}

const roleOfMedium: Readonly<Record<Medium, Role>> = {
  electricity: 'consumer',
  gas: 'gas',
  water: 'water',
  'hot-water': 'water',
  heat: 'heat',
  cooling: 'heat',
};

/**
 * What the meters behind another one are called: as configured, else `main-gas`, with the
 * channel's number where two would have the same name.
 */
export function channelNames(
  measurements: readonly Measurement[],
  source: Source,
): ReadonlyMap<Measurement['subject'], NamedChannel> {
  const behind = measurements.filter(({ subject }) => subject !== 'main');
  const wanted = behind.map((measurement) => {
    const channel = configured(measurement, source.channels);
    const alone = behind.filter(({ medium }) => medium === measurement.medium).length === 1;
    const usual = `${source.name}-${measurement.medium}`;
    return {
      measurement,
      name: channel?.name ?? (alone ? usual : `${usual}-${numberOf(measurement)}`),
      role: channel?.role ?? roleOfMedium[measurement.medium],
    };
  });
  return new Map(
    wanted.map(({ measurement, name, role }) => {
      const alone = wanted.filter((other) => other.name === name).length === 1;
      const meter = alone ? name : `${name}-${numberOf(measurement)}`;
      return [measurement.subject, { meter, role }];
    }),
  );
}

const numberOf = ({ subject }: Measurement): string => subject.slice('channel-'.length);

/** The serial number says more than the channel, which says more than the medium. */
function configured(measurement: Measurement, channels: readonly Channel[]): Channel | undefined {
  const { medium, meterId } = measurement;
  const number = Number(numberOf(measurement));
  return (
    channels.find((channel) => channel.meterId !== undefined && channel.meterId === meterId) ??
    channels.find(({ channel }) => channel === number) ??
    channels.find((channel) => channel.medium === medium)
  );
}
