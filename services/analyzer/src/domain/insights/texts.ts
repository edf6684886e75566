import type { Reasons } from '@wattbus/mqtt-contract';

/** The sentences of results, once, in both languages; `{x}` is filled in. */
const texts = {
  baseload: {
    en: 'At rest the home takes {baseloadW} W, {share} % of all its energy: {yearKwh} kWh a year.',
    ko: '대기 상태에서 {baseloadW} W를 사용합니다. 전체 사용량의 {share} %, 1년에 {yearKwh} kWh입니다.',
  },
  learning: {
    en: 'The home’s habits are still being learned; {days} more days until something can be odd.',
    ko: '사용 습관을 학습하는 중입니다. {days}일이 지나면 이상을 알릴 수 있습니다.',
  },
  usual: {
    en: 'Nothing is unusual.',
    ko: '특이 사항이 없습니다.',
  },
  noAppliance: {
    en: 'No load of more than 1 kW has been recognised yet.',
    ko: '아직 1 kW 이상인 부하를 찾지 못했습니다.',
  },
  appliance: {
    en: 'Loads of more than 1 kW that are known: {count}. That of {powerW} W ran {runs} times today.',
    ko: '알고 있는 1 kW 이상 부하는 {count}개입니다. {powerW} W 부하가 오늘 {runs}번 작동했습니다.',
  },
  forecast: {
    en: 'In the next 24 h about {kwh} kWh are expected.',
    ko: '앞으로 24시간 동안 약 {kwh} kWh를 예상합니다.',
  },
  judgedForecast: {
    en: 'In the next 24 h about {kwh} kWh are expected; of late the error was {error} % of an hour’s load.',
    ko: '앞으로 24시간 동안 약 {kwh} kWh를 예상합니다. 최근 시간별 오차는 {error} %였습니다.',
  },
  production: {
    en: 'In the next 24 h the panels are expected to give about {kwh} kWh.',
    ko: '앞으로 24시간 동안 태양광 발전량은 약 {kwh} kWh로 예상합니다.',
  },
  judgedProduction: {
    en: 'In the next 24 h the panels are expected to give about {kwh} kWh; of late the error was {error} % of an hour’s production.',
    ko: '앞으로 24시간 동안 태양광 발전량은 약 {kwh} kWh로 예상합니다. 최근 시간별 오차는 {error} %였습니다.',
  },
  noProduction: {
    en: 'Nothing says what the panels will give: topic site/pv-forecast has no hours to come.',
    ko: '태양광 발전 예측이 없습니다. site/pv-forecast 토픽에 앞으로의 시간이 없습니다.',
  },
  voltageIn: {
    en: 'Voltage was within ±10 % all week; readings cover {coverage} % of the month.',
    ko: '이번 주 전압은 모두 ±10 % 이내였습니다. 이번 달의 {coverage} %가 측정되었습니다.',
  },
  voltageOut: {
    en: 'Voltage was outside ±10 % in {outside} % of the week; readings cover {coverage} % of the month.',
    ko: '이번 주의 {outside} % 동안 전압이 ±10 %를 벗어났습니다. 이번 달의 {coverage} %가 측정되었습니다.',
  },
  covered: {
    en: 'Readings cover {coverage} % of the month.',
    ko: '이번 달의 {coverage} %가 측정되었습니다.',
  },
  carbon: {
    en: 'The grid’s energy of today caused {kg} kg of CO2, {gPerKWh} g a kilowatt-hour.',
    ko: '오늘 받은 전력량의 CO2 배출은 {kg} kg, kWh당 {gPerKWh} g입니다.',
  },
  noCarbon: {
    en: 'Nothing was taken from the grid today.',
    ko: '오늘 전력망에서 받은 전력이 없습니다.',
  },
} as const satisfies Record<string, Reasons>;

export function reasonsOf(
  key: keyof typeof texts,
  values: Readonly<Record<string, number>> = {},
): Reasons {
  const filled = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const { en, ko } = texts[key];
  return { en: filled(en), ko: filled(ko) };
}
