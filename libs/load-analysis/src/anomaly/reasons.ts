/** Why something is an anomaly, for people: a key and what goes into its sentence. */
export interface Reason {
  readonly key: AnomalyKind;
  readonly parameters: Readonly<Record<string, number>>;
}

export const anomalyKinds = [
  'spike',
  'sustained',
  'baseload-shift',
  'no-load',
  'always-on',
  'night-export',
  'reversed',
  'day-energy',
] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

const texts: Record<AnomalyKind, Record<Language, string>> = {
  spike: {
    en: 'For {hours} h the home took {excessW} W more than usual; the last hour took {loadW} W.',
    ko: '{hours}시간 동안 평소보다 {excessW} W 더 사용했습니다. 마지막 한 시간은 {loadW} W입니다.',
  },
  sustained: {
    en: 'For {hours} h the home has taken {excessW} W more than usual: was something left on?',
    ko: '{hours}시간 동안 평소보다 {excessW} W 더 사용하고 있습니다. 켜 둔 기기가 있는지 확인하세요.',
  },
  'baseload-shift': {
    en: 'The load at rest has risen from {usualW} W to {nowW} W.',
    ko: '대기 부하가 {usualW} W에서 {nowW} W로 늘었습니다.',
  },
  'no-load': {
    en: 'Only {loadW} W is drawn, less than the standby of {baseloadW} W: has a fuse tripped?',
    ko: '대기 전력 {baseloadW} W보다 적은 {loadW} W만 사용 중입니다. 차단기를 확인하세요.',
  },
  'always-on': {
    en: 'For {hours} h the load has not come down to rest; it stays {excessW} W above standby.',
    ko: '{hours}시간 동안 부하가 대기 수준으로 내려가지 않았습니다. 대기 전력보다 {excessW} W 높습니다.',
  },
  'night-export': {
    en: '{exportWh} Wh went to the grid at night, when there is no sun.',
    ko: '해가 없는 밤에 {exportWh} Wh가 계통으로 송전되었습니다.',
  },
  reversed: {
    en: 'The solar meter has counted import in daylight for {days} days: is it wired the other way?',
    ko: '태양광 계량기가 {days}일 동안 낮에 수전으로 계량했습니다. 결선 방향을 확인하세요.',
  },
  'day-energy': {
    en: 'The day took {dayKwh} kWh; of the last 60 days hardly one took more than {usualKwh} kWh.',
    ko: '하루 사용량이 {dayKwh} kWh입니다. 최근 60일은 거의 모두 {usualKwh} kWh 이하였습니다.',
  },
};

/** The sentence of a reason; numbers as they are in it. */
export const reasonText = ({ key, parameters }: Reason, language: Language): string =>
  texts[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));
