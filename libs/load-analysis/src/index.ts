export * from './analysis.js';
export {
  nextAnomalyHour,
  closeAnomalyDay,
  initialAnomaly,
  LOW_CONFIDENCE_DAYS,
  SILENT_DAYS,
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
export { baseloadOf, MEDIAN_DAYS, type Baseload } from './baseload/baseload.js';
export {
  periodForecast,
  type PeriodForecast,
  type PeriodSoFar,
} from './bill-forecast/month-forecast.js';
export * from './carbon/carbon.js';
export type { CarbonBooks } from './carbon/carbon-books.js';
export {
  consumptionForecast,
  hourlyForecast,
  productionForecast,
  type ConsumptionState,
} from './consumption.js';
export * from './cost/bill-so-far.js';
export type { CapacityCost } from './cost/capacity-cost.js';
export * from './cost/cost-state.js';
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
export {
  todaySoFar,
  type ForecastSpan,
  type HourEstimate,
  type HourOfToday,
  type LoadForecast,
} from './forecast/horizon.js';
export { HOUR_MS, localQuarter, type LoadQuarter } from './forecast/local-hours.js';
export type { PvForecast, PvPowerAt } from './forecast/pv.js';
export { SKILL_DAYS_MAX, type SkillSummary } from './forecast/skill.js';
export { nextCounters, type Counter, type Counters } from './ledger/counters.js';
export { amountsSoFar } from './ledger/ledger.js';
export type { LedgerResult, LedgerState, RegisterResult } from './ledger/ledger.js';
export { booksOf, GAP_MS_MIN, type AmountName, type RegisterLimits } from './ledger/limits.js';
export {
  amountOf,
  coverageOf,
  quartersOf,
  type DayBook,
  type OpenBooks,
  type PeriodBook,
  type PeriodName,
} from './ledger/periods.js';
export { phaseAmounts, type PhaseAmounts, type PhaseEnergyState } from './ledger/phase-energy.js';
export type { Amounts, Quarter, QuarterQuality } from './ledger/quarters.js';
export { exchange, initialRegister, nextRegister, type RegisterState } from './ledger/register.js';
export { QUARTER_MS, quarterStart } from './ledger/spread.js';
export * from './phases/balance.js';
export { currentsSummary, type CurrentsSummary } from './phases/currents.js';
export type { OutageEvent } from './phases/outages.js';
export { phaseNames, type Phase, type PhaseEvent, type PhasesState } from './phases/phases.js';
export { balanceOf, type CurrentWindow } from './phases/current-windows.js';
export { bandShare, WEEK_MS, WINDOW_MS, type VoltageEvent } from './phases/voltage.js';
export { loadAnalysis } from './saved-state.js';
