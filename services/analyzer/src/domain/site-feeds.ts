import {
  addIntensity,
  initialIntensity,
  intensityAt,
  type AnalysisSite,
  type IntensitySlot,
} from '@wattbus/load-analysis';
import type { CarbonFeed, PvForecastFeed, SiteAway, TemperatureFeed } from '@wattbus/mqtt-contract';

/** What comes to the site from outside. */
export interface SiteFeeds {
  /** In order of time. */
  readonly intensities: readonly IntensitySlot[];
  readonly temperatures: readonly TemperatureSlot[];
  readonly production: readonly ProductionSlot[];
  readonly away: { readonly fromMs: number; readonly toMs: number } | null;
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

interface TemperatureSlot extends Span {
  readonly celsius: number;
}

interface ProductionSlot extends Span {
  readonly powerW: number;
}

/** What a usual hour is made from: a week, and the hours around it. */
const REMEMBERED_MS = 8 * 86_400_000;

export const noFeeds: SiteFeeds = {
  intensities: [],
  temperatures: [],
  production: [],
  away: null,
};

/** The feed as it is now; what it does not hold any more is not known any more. */
export const intensitiesOf = ({ slots }: CarbonFeed): readonly IntensitySlot[] =>
  slots
    .map(({ start, end, gPerKWh }) => ({
      startMs: Date.parse(start),
      endMs: Date.parse(end),
      gPerKWh,
    }))
    .sort((a, b) => a.startMs - b.startMs);

export const temperaturesOf = ({ slots }: TemperatureFeed): readonly TemperatureSlot[] =>
  slots.map(({ start, end, celsius }) => ({
    startMs: Date.parse(start),
    endMs: Date.parse(end),
    celsius,
  }));

export const productionOf = ({ slots }: PvForecastFeed): readonly ProductionSlot[] =>
  slots.map(({ start, end, powerW }) => ({
    startMs: Date.parse(start),
    endMs: Date.parse(end),
    powerW,
  }));

export const awayOf = ({ from, to }: SiteAway): SiteFeeds['away'] => ({
  fromMs: Date.parse(from),
  toMs: to === null ? Infinity : Date.parse(to),
});

/** The site with what is known from outside. */
export function withFeeds(
  site: AnalysisSite,
  { intensities, temperatures, production, away }: SiteFeeds,
  staticGPerKWh: number | undefined,
): AnalysisSite {
  const withoutFeed = staticGPerKWh ?? meanOf(intensities);
  return {
    ...site,
    ...(withoutFeed === null
      ? {}
      : {
          intensityAt: (atMs: number) =>
            intensityAt(
              intensities
                .filter(({ startMs }) => startMs <= atMs && startMs > atMs - REMEMBERED_MS)
                .reduce(addIntensity, initialIntensity),
              atMs,
              withoutFeed,
            ),
        }),
    ...(temperatures.length > 0 && {
      temperatureAt: (atMs: number) => slotAt(temperatures, atMs)?.celsius ?? null,
    }),
    ...(production.length > 0 && {
      pvPowerAt: (atMs: number) => slotAt(production, atMs)?.powerW ?? null,
    }),
    ...(away && {
      awayAt: (atMs: number) => away.fromMs <= atMs && atMs < away.toMs,
    }),
  };
}

const slotAt = <Slot extends Span>(slots: readonly Slot[], atMs: number): Slot | undefined =>
  slots.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);

const meanOf = (slots: readonly IntensitySlot[]): number | null =>
  slots.length === 0 ? null : slots.reduce((sum, { gPerKWh }) => sum + gPerKWh, 0) / slots.length;
