import type {
  AnomalyAnalysis,
  BaseloadAnalysis,
  CarbonAnalysis,
  ExpectedSpan,
  ForecastAnalysis,
  QualityAnalysis,
  SiteAnalysis,
} from '@wattbus/mqtt-contract';
import type { FieldValue, MeasurementName, Point } from '@wattbus/time-series';

/** Results that say themselves when they change → the points that each is. */
export interface Insights {
  readonly baseload: BaseloadAnalysis;
  readonly anomaly: AnomalyAnalysis;
  readonly forecast: ForecastAnalysis;
  readonly quality: QualityAnalysis;
  readonly carbon: CarbonAnalysis;
}
export type InsightName = keyof Insights;

type Subject = Pick<BaseloadAnalysis, 'meter' | 'medium' | 'role'>;
type Fields = Record<string, FieldValue | null>;

export const insightPoints: {
  readonly [Name in InsightName]: (message: Insights[Name]) => readonly Point[];
} = {
  baseload: (message) => {
    const { baseloadW, liveW, trendW, standbyShare, yearWh } = message;
    return [pointOf('baseload', message, { baseloadW, liveW, trendW, standbyShare, yearWh })];
  },

  // Known by its kind and beginning; while it lasts it is written over with what is known then.
  anomaly: (message) =>
    message.open.map(({ kind, from, excessWhPerDay, confidence, reasons }) => ({
      ...pointOf('anomaly', message, {
        lastMs: Date.parse(message.at),
        excessWhPerDay,
        confidence,
        reason: reasons.en,
        reasonKo: reasons.ko,
      }),
      tags: { ...tagsOf(message), kind },
      atMs: Date.parse(from),
    })),

  forecast: (message) => {
    const midnight = message.today.flatMap(({ start, expected }) =>
      expected ? [expectedPoint(message, 'midnight', { start, ...expected })] : [],
    );
    const latest = message.hours.map((hour) => expectedPoint(message, 'latest', hour));
    const { skill, today } = message;
    if (!skill || today.length === 0) return [...midnight, ...latest];
    const { days, mase, nmae, coverage } = skill;
    const judged = pointOf('skill', message, { days, mase, nmae, coverage });
    return [...midnight, ...latest, { ...judged, atMs: Date.parse(today[0]!.start) }];
  },

  quality: (message) => {
    const { coverage, estimatedShare, unbalance, neutralA } = message;
    const fields: Fields = { coverage, estimatedShare, unbalance, neutralA };
    for (const { phase, voltageV, bandShare, highestA } of message.phases) {
      fields[`voltage${phase}V`] = voltageV;
      fields[`bandShare${phase}`] = bandShare;
      fields[`highest${phase}A`] = highestA;
    }
    return [pointOf('quality', message, fields)];
  },

  carbon: (message) => {
    const { today, month } = message;
    return [
      pointOf('carbon', message, {
        importTodayG: today.importG,
        exportTodayG: today.exportG,
        importMonthG: month.importG,
        gPerKWh: today.gPerKWh,
        liveShare: today.liveShare,
      }),
    ];
  },
};

/** What the summary of the site says beside its sums. */
export function siteInsightFields({ flows, standby, forecast, carbon }: SiteAnalysis): Fields {
  return {
    productionTodayWh: flows?.today.productionWh ?? null,
    loadTodayWh: flows?.today.loadWh ?? null,
    selfConsumptionTodayWh: flows?.today.selfConsumptionWh ?? null,
    selfConsumptionShare: flows?.today.selfConsumptionShare ?? null,
    autarkyShare: flows?.today.autarkyShare ?? null,
    standbyW: standby?.baseloadW ?? null,
    standbyYearCost: standby?.yearCost ?? null,
    forecastTodayWh: forecast?.todayWh ?? null,
    forecastTomorrowWh: forecast?.tomorrowWh ?? null,
    carbonTodayG: carbon?.todayG ?? null,
  };
}

const tagsOf = ({ meter, medium, role }: Subject): Point['tags'] => ({ meter, medium, role });

const pointOf = (
  measurement: MeasurementName,
  message: Subject & { readonly at: string },
  fields: Fields,
): Point => ({ measurement, tags: tagsOf(message), fields, atMs: Date.parse(message.at) });

function expectedPoint(
  message: ForecastAnalysis,
  issue: 'midnight' | 'latest',
  { start, meanWh, typicalWh, p10Wh, p50Wh, p90Wh }: ExpectedSpan,
): Point {
  return {
    measurement: 'forecast',
    tags: { ...tagsOf(message), issue },
    fields: { meanWh, typicalWh, p10Wh, p50Wh, p90Wh },
    atMs: Date.parse(start),
  };
}
