import type { AnalysisSite } from '@wattbus/load-analysis';
import { encodePayload, topics, type Topic } from '@wattbus/mqtt-contract';
import { billMessage } from './bill-message.js';
import { insight, insightNames, type InsightName } from './insights/index.js';
import { costMessage, energyMessage, lastDayMessage, peakMessage } from './messages.js';
import type { MeterState, Stamp } from './meter-state.js';
import { registerMessage } from './register-message.js';

/** One of the results of a meter, which the bus keeps: what it is, and when it is another one. */
export interface MeterResult {
  readonly topic: Topic;
  /** The reading that made it what it is; null while there is none. */
  readonly stampOf: (state: MeterState) => Stamp | null;
  /** As it is on the bus; null where the meter has none. */
  readonly textOf: (state: MeterState, site: AnalysisSite) => string | null;
}

const result = <P>(
  topic: Topic<P>,
  message: (state: MeterState, site: AnalysisSite) => P | null,
  stampOf: MeterResult['stampOf'] = (state) => state,
): MeterResult => ({
  topic,
  stampOf,
  textOf: (state, site) => {
    const payload = message(state, site);
    return payload === null ? null : encodePayload(topic, payload);
  },
});

/** One that is said when it changes: the reading that changed it is its stamp. */
function resultOfInsight(name: InsightName): MeterResult {
  const { topic, make } = insight(name);
  return result(
    topic,
    (state, site) => make({ state, stamp: state.changes[name]! }, site),
    (state) => state.changes[name] ?? null,
  );
}

/** Said on its own as well, whenever a day is closed: several may close in one moment. */
export const lastDay = result(topics.dayAnalysis, lastDayMessage, (state) => state.dayClosedBy);

/** Made of closed quarter-hours, so it is another one whenever one closes. */
export const bill = result(
  topics.billAnalysis,
  billMessage,
  (state) => state.quarterClosedBy ?? null,
);

export const cost = result(topics.costAnalysis, costMessage);

/** All that is said of a meter, in this order. */
export const meterResults: readonly MeterResult[] = [
  lastDay,
  cost,
  bill,
  result(topics.peakAnalysis, peakMessage),
  result(topics.energyAnalysis, energyMessage),
  result(topics.registerAnalysis, registerMessage),
  ...insightNames.map(resultOfInsight),
];
