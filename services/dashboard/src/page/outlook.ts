import type { ForecastAnalysis } from '@wattbus/mqtt-contract';

/** An hour of today or tomorrow: as expected, and what it took where it is over. */
export interface HourShown {
  readonly startMs: number;
  readonly expected: Expected | null;
  readonly actualWh: number | null;
}
type Expected = { readonly meanWh: number; readonly p10Wh: number; readonly p90Wh: number };

/** Today from its first hour, then tomorrow; hours that are over as midnight expected them. */
export function hoursShown({ today, hours }: ForecastAnalysis): readonly HourShown[] {
  const latest = new Map(hours.map((hour) => [Date.parse(hour.start), hour]));
  const shown: HourShown[] = today.map(({ start, expected, actualWh }) => {
    const startMs = Date.parse(start);
    return { startMs, expected: latest.get(startMs) ?? expected, actualWh };
  });
  const lastMs = shown.at(-1)?.startMs ?? -Infinity;
  const following = [...latest].filter(([startMs]) => startMs > lastMs);
  for (const [startMs, expected] of following.slice(0, HOURS_OF_DAY)) {
    shown.push({ startMs, expected, actualWh: null });
  }
  return shown;
}

const HOURS_OF_DAY = 24;
export const CURVE_WIDTH = 480;
export const CURVE_HEIGHT = 100;

export interface Curve {
  /** Load at the top of the curve, Wh an hour. */
  readonly topWh: number;
  readonly band: string;
  readonly expected: string;
  readonly actual: string;
  /** Between today and tomorrow. */
  readonly midnight: string;
}

/** The paths of an SVG whose box is `CURVE_WIDTH` by `CURVE_HEIGHT`; each hour is a step. */
export function curveOf(hours: readonly HourShown[], todayHours: number): Curve {
  const highest = hours.map(({ expected, actualWh }) =>
    Math.max(expected?.p90Wh ?? 0, expected?.meanWh ?? 0, actualWh ?? 0),
  );
  const topWh = Math.max(100, ...highest);
  const x = (i: number): string => fixed((i / Math.max(1, hours.length)) * CURVE_WIDTH);
  const y = (wh: number): string => fixed(CURVE_HEIGHT * (1 - Math.max(0, wh) / topWh));
  const band: string[] = [];
  const actual: string[] = [];
  const expectedLine: string[] = [];
  let drawing = false;
  for (const [i, { expected, actualWh }] of hours.entries()) {
    if (expected) {
      const { p10Wh, p90Wh, meanWh } = expected;
      band.push(`M${x(i)} ${y(p90Wh)}H${x(i + 1)}V${y(p10Wh)}H${x(i)}Z`);
      expectedLine.push(`${drawing ? 'V' : `M${x(i)} `}${y(meanWh)}H${x(i + 1)}`);
    }
    drawing = expected !== null;
    if (actualWh !== null) {
      actual.push(`M${x(i)} ${CURVE_HEIGHT}V${y(actualWh)}H${x(i + 1)}V${CURVE_HEIGHT}Z`);
    }
  }
  return {
    topWh,
    band: band.join(''),
    expected: expectedLine.join(''),
    actual: actual.join(''),
    midnight: `M${x(todayHours)} 0V${CURVE_HEIGHT}`,
  };
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
