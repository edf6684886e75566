/**
 * Every number a meter can state, once. The schema of a reading, the scalar topics, the fields in
 * the time-series store and the names in a history request are all made from this table.
 *
 * Sign convention of the whole project: **import from the grid is positive, export is negative**
 * for power and current; energy registers count one direction each and never fall.
 */
export interface Quantity {
  /** A register only ever rises; a gauge is a momentary value; a count rises by whole events. */
  readonly kind: 'register' | 'gauge' | 'count';
  readonly unit: Unit;
  /** Integers are exact in JSON, in the store and in sums; all registers and counts are integers. */
  readonly integer: boolean;
  readonly en: string;
  readonly ko: string;
}

export type Unit =
  'W' | 'Wh' | 'var' | 'varh' | 'VA' | 'VAh' | 'V' | 'A' | 'Hz' | 'L' | 'L/h' | 'J' | '°C' | '';

const register = (unit: Unit, en: string, ko: string): Quantity => ({
  kind: 'register',
  unit,
  integer: true,
  en,
  ko,
});
const gauge = (unit: Unit, en: string, ko: string): Quantity => ({
  kind: 'gauge',
  unit,
  integer: false,
  en,
  ko,
});
const count = (en: string, ko: string): Quantity => ({
  kind: 'count',
  unit: '',
  integer: true,
  en,
  ko,
});

export const quantities = {
  powerW: gauge('W', 'Power', '전력'),
  powerL1W: gauge('W', 'Power L1', '전력 L1'),
  powerL2W: gauge('W', 'Power L2', '전력 L2'),
  powerL3W: gauge('W', 'Power L3', '전력 L3'),
  reactivePowerVar: gauge('var', 'Reactive power', '무효 전력'),
  apparentPowerVA: gauge('VA', 'Apparent power', '피상 전력'),
  powerFactor: gauge('', 'Power factor', '역률'),
  frequencyHz: gauge('Hz', 'Frequency', '주파수'),
  voltageL1V: gauge('V', 'Voltage L1', '전압 L1'),
  voltageL2V: gauge('V', 'Voltage L2', '전압 L2'),
  voltageL3V: gauge('V', 'Voltage L3', '전압 L3'),
  currentL1A: gauge('A', 'Current L1', '전류 L1'),
  currentL2A: gauge('A', 'Current L2', '전류 L2'),
  currentL3A: gauge('A', 'Current L3', '전류 L3'),
  currentNeutralA: gauge('A', 'Current neutral', '중성선 전류'),
  energyImportWh: register('Wh', 'Energy import', '수전 전력량'),
  energyImportTariff1Wh: register('Wh', 'Energy import tariff 1', '수전 전력량 요금 1'),
  energyImportTariff2Wh: register('Wh', 'Energy import tariff 2', '수전 전력량 요금 2'),
  energyImportTariff3Wh: register('Wh', 'Energy import tariff 3', '수전 전력량 요금 3'),
  energyImportTariff4Wh: register('Wh', 'Energy import tariff 4', '수전 전력량 요금 4'),
  energyExportWh: register('Wh', 'Energy export', '송전 전력량'),
  energyExportTariff1Wh: register('Wh', 'Energy export tariff 1', '송전 전력량 요금 1'),
  energyExportTariff2Wh: register('Wh', 'Energy export tariff 2', '송전 전력량 요금 2'),
  energyExportTariff3Wh: register('Wh', 'Energy export tariff 3', '송전 전력량 요금 3'),
  energyExportTariff4Wh: register('Wh', 'Energy export tariff 4', '송전 전력량 요금 4'),
  energyReactiveImportVarh: register('varh', 'Reactive energy import', '무효 수전 전력량'),
  energyReactiveExportVarh: register('varh', 'Reactive energy export', '무효 송전 전력량'),
  tariffIndicator: { ...count('Tariff indicator', '요금 시간대'), kind: 'gauge' as const },
  demandImportW: gauge('W', 'Running demand, import', '현재 수요 전력'),
  demandExportW: gauge('W', 'Running demand, export', '현재 송전 수요 전력'),
  demandImportPeakMonthW: gauge('W', 'Peak demand of the month', '이번 달 최대 수요 전력'),
  powerLimitW: gauge('W', 'Power limit', '전력 제한'),
  currentLimitA: gauge('A', 'Current limit', '전류 제한'),
  breakerState: { ...count('Breaker state', '차단기 상태'), kind: 'gauge' as const },
  powerFailureCount: count('Power failures', '정전 횟수'),
  longPowerFailureCount: count('Long power failures', '장시간 정전 횟수'),
  voltageSagL1Count: count('Voltage sags L1', '전압 강하 횟수 L1'),
  voltageSagL2Count: count('Voltage sags L2', '전압 강하 횟수 L2'),
  voltageSagL3Count: count('Voltage sags L3', '전압 강하 횟수 L3'),
  voltageSwellL1Count: count('Voltage swells L1', '전압 상승 횟수 L1'),
  voltageSwellL2Count: count('Voltage swells L2', '전압 상승 횟수 L2'),
  voltageSwellL3Count: count('Voltage swells L3', '전압 상승 횟수 L3'),
  /** Gas and water: litres. One litre is the finest step that household meters state. */
  volumeL: register('L', 'Volume', '부피'),
  volumeFlowLPerH: gauge('L/h', 'Volume flow', '유량'),
  /** Heat and cooling: joules, so that meters in GJ and in kWh both stay whole numbers. */
  heatJ: register('J', 'Heat', '열량'),
  coolingJ: register('J', 'Cooling', '냉방 열량'),
  heatPowerW: gauge('W', 'Heat power', '열출력'),
  flowTemperatureC: gauge('°C', 'Flow temperature', '공급 온도'),
  returnTemperatureC: gauge('°C', 'Return temperature', '환수 온도'),
  pulses: count('Pulses', '펄스'),
} as const satisfies Record<string, Quantity>;

export type QuantityName = keyof typeof quantities;

export const quantityNames = Object.keys(quantities) as readonly QuantityName[];

/** The numbers of one reading: only what the meter stated; unknown is absent, never 0. */
export type Measured = { [name in QuantityName]?: number };
