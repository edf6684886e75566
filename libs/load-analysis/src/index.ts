export * from './analysis.js';
export {
  nextAnomalyHour,
  closeAnomalyDay,
  initialAnomaly,
  type AnomalyState,
} from './anomaly/anomaly.js';
export type { AnomalyFinding, OpenAnomaly } from './anomaly/open-anomalies.js';
export {
  anomalyKinds,
  languages,
  reasonText,
  type AnomalyKind,
  type Language,
  type Reason,
} from './anomaly/reasons.js';
export type { ApplianceState, Device, DeviceRun } from './appliance/appliance.js';
export { baseloadOf, type Baseload } from './baseload/baseload.js';
export {
  periodForecast,
  type PeriodForecast,
  type PeriodSoFar,
} from './bill-forecast/month-forecast.js';
export * from './carbon/carbon.js';
export type { CarbonBooks } from './carbon/carbon-books.js';
export { consumptionForecast, type ConsumptionState } from './consumption.js';
export * from './cost/bill-so-far.js';
export type { CapacityCost } from './cost/capacity-cost.js';
export * from './cost/cost.js';
export * from './demand/demand.js';
export * from './demand/month-peaks.js';
export * from './demand/prediction.js';
export {
  backtest,
  BACKTEST_SKIP_DAYS,
  type BacktestReport,
  type MethodScore,
} from './forecast/backtest.js';
export type { ForecastSpan, LoadForecast } from './forecast/horizon.js';
export type { LoadQuarter } from './forecast/local-hours.js';
export type { SkillSummary } from './forecast/skill.js';
export { amountsSoFar } from './ledger/ledger.js';
export type { LedgerResult, LedgerState, RegisterResult } from './ledger/ledger.js';
export { booksOf, GAP_MS_MIN, type AmountName } from './ledger/limits.js';
export { amountOf, quartersOf, type DayBook, type PeriodBook } from './ledger/periods.js';
export type { Amounts, Quarter, QuarterQuality } from './ledger/quarters.js';
export { QUARTER_MS, quarterStart } from './ledger/spread.js';
export * from './phases/balance.js';
export { currentsSummary, type CurrentsSummary } from './phases/currents.js';
export type { OutageEvent } from './phases/outages.js';
export type { PhaseEvent, PhasesState } from './phases/phases.js';
export { bandShare, type VoltageEvent } from './phases/voltage.js';
