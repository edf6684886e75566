export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** Every text of the page, once, in both languages; `{x}` is filled in. */
const table = {
  title: ['Wattbus – energy at {site}', 'Wattbus – {site} 에너지'],
  skip: ['Skip to content', '본문으로 건너뛰기'],
  otherLanguage: ['한국어', 'English'],
  switchLanguage: ['Switch to Korean', '영어로 바꾸기'],
  themeAuto: ['Appearance: as the device', '화면 모드: 기기 설정'],
  themeLight: ['Appearance: light', '화면 모드: 밝게'],
  themeDark: ['Appearance: dark', '화면 모드: 어둡게'],
  signOut: ['Sign out', '로그아웃'],

  linkConnecting: ['Connecting', '연결 중'],
  linkOnline: ['Live', '실시간'],
  linkStale: ['No new values', '새 값 없음'],
  linkOffline: ['No connection, trying again', '연결이 끊겨 다시 시도하는 중'],
  linkSignIn: ['Please sign in', '로그인이 필요합니다'],
  linkRefused: ['No permission to read', '읽기 권한 없음'],
  refusedText: [
    'This account may not read the meter values. Sign in with another one.',
    '이 계정에는 계량기 값을 읽을 권한이 없습니다. 다른 계정으로 로그인하세요.',
  ],

  powerNow: ['Power now', '현재 전력'],
  fromGrid: ['From the grid', '전력망에서 받는 중'],
  toGrid: ['To the grid', '전력망으로 보내는 중'],
  balanced: ['Balanced', '균형 상태'],
  waiting: ['Waiting for the first reading', '첫 측정값을 기다리는 중'],
  lastReading: ['Last reading: {age}', '마지막 측정: {age}'],

  today: ['Today', '오늘'],
  thisMonth: ['This month', '이번 달'],
  used: ['From the grid', '받은 전력량'],
  fedIn: ['To the grid', '보낸 전력량'],
  cost: ['Cost', '요금'],
  credit: ['Credit', '수익'],

  bill: ['Bill', '청구서'],
  billExpected: [
    'Expected, with 80 % likelihood {low} to {high}',
    '예상, 80 % 확률로 {low} ~ {high}',
  ],
  billSoFar: ['So far', '현재까지'],
  billToday: ['Of it today', '오늘'],
  billNextKWh: ['One kWh more, now', '1 kWh 더 쓰면'],
  billCheapest: ['Cheapest until {time}', '{time}까지 최저가'],
  billPeak: ['Peak of {peak}', '최대 수요 {peak}'],
  billLines: ['Line by line', '항목별 내역'],

  quarterHour: ['This quarter-hour', '현재 15분'],
  averageSoFar: ['Average so far', '현재까지 평균'],
  predicted: ['Expected', '예상'],
  peakOfMonth: ['Peak this month', '이번 달 최대'],
  quarterLeft: ['{minutes} min left', '{minutes}분 남음'],
  quarterBar: [
    'Average {average}, expected {predicted}, peak this month {peak}',
    '평균 {average}, 예상 {predicted}, 이번 달 최대 {peak}',
  ],

  chartTitle: ['Power over time', '전력 추이'],
  rangeHour: ['1 hour', '1시간'],
  rangeDay: ['24 hours', '24시간'],
  rangeLabel: ['Time shown', '표시 기간'],
  chartWaiting: ['Loading stored values', '저장된 값을 불러오는 중'],
  chartEmpty: ['No stored values yet', '아직 저장된 값이 없습니다'],
  chartNoReply: [
    'The historian does not answer; values appear from now on',
    '기록 서비스가 응답하지 않습니다. 지금부터의 값만 표시합니다',
  ],
  chartHint: ['Arrow keys move along the time.', '화살표 키로 시간을 따라 이동할 수 있습니다.'],
  chartSummary: [
    'Between {low} and {high}, from {from} to {to}.',
    '{from}부터 {to}까지, {low}에서 {high} 사이.',
  ],
  import: ['From the grid', '받음'],
  export: ['To the grid', '보냄'],

  outlook: ['Today and tomorrow', '오늘과 내일'],
  outlookToday: ['Today, expected', '오늘 예상'],
  outlookTomorrow: ['Tomorrow, expected', '내일 예상'],
  outlookActual: ['Used', '사용'],
  outlookExpected: ['Expected', '예상'],
  outlookBand: ['Range, 8 of 10 hours', '범위 (10시간 중 8시간)'],
  outlookSummary: [
    'Expected from the grid: {today} today, {tomorrow} tomorrow.',
    '받을 것으로 예상하는 전력량: 오늘 {today}, 내일 {tomorrow}.',
  ],
  standby: ['Standby', '대기 전력'],
  standbyCaption: ['Drawn when nothing is used', '아무것도 쓰지 않을 때'],
  perYear: ['A year', '1년'],
  costPerYear: ['Cost a year', '1년 요금'],
  trend: ['Last two weeks', '최근 2주'],
  steady: ['unchanged', '변화 없음'],
  periods: ['Energy', '전력량'],
  week: ['This week', '이번 주'],
  billingPeriod: ['Billing period', '검침 기간'],
  year: ['This year', '올해'],
  carbon: ['CO₂ today', '오늘의 CO₂'],
  carbonCaption: ['Of energy from the grid', '전력망에서 받은 전력'],
  carbonPerKWh: ['Per kWh', 'kWh당'],
  sun: ['Own energy today', '오늘의 자가 발전'],
  sunCaption: ['Made by the panels', '태양광 발전량'],
  selfConsumption: ['Used at home', '자가 소비'],
  autarky: ['Independence', '에너지 자립'],
  notices: ['Unusual', '특이 사항'],
  noNotices: ['Nothing is unusual', '특이 사항이 없습니다'],
  noticeCost: ['{cost} a day', '하루 {cost}'],
  noticeUnsure: ['not yet certain', '아직 확실하지 않음'],

  otherMeters: ['Other meters', '다른 계량기'],
  metersLeftOut: [
    'There are {count} more meters than can be listed. All are in the sums.',
    '표시할 수 없는 계량기가 {count}개 더 있습니다. 합계에는 모두 포함됩니다.',
  ],
  meterToday: ['today', '오늘'],
  meterMonth: ['this month', '이번 달'],
  roleGrid: ['Grid', '전력망'],
  rolePv: ['Solar', '태양광'],
  roleBattery: ['Battery', '배터리'],
  roleEv: ['Car', '전기차'],
  roleConsumer: ['Consumer', '소비 기기'],
  roleGas: ['Gas', '가스'],
  roleWater: ['Water', '수도'],
  roleHeat: ['Heat', '열'],
  meterStale: ['Silent for a while', '한동안 응답 없음'],
  meterOffline: ['Not connected', '연결 안 됨'],

  devices: ['Devices', '기기'],
  noDevices: ['No device is controlled', '제어하는 기기가 없습니다'],
  on: ['On', '켜짐'],
  off: ['Off', '꺼짐'],
  unknown: ['Unknown', '알 수 없음'],
  deviceOffline: ['Offline', '오프라인'],
  switchingOn: ['Switching on', '켜는 중'],
  switchingOff: ['Switching off', '끄는 중'],
  ruleMeterSilent: ['The meter is silent', '계량기 응답 없음'],
  ruleMinimumTime: ['Minimum time', '최소 유지 시간'],
  ruleUser: ['Set by a person', '사용자 지정'],
  ruleDemandLimit: ['Demand limit', '수요 전력 제한'],
  ruleNothing: ['No rule applies', '적용된 규칙 없음'],
  until: ['at least until {time}', '최소 {time}까지'],

  services: ['Services', '서비스'],
  noServices: ['No service has reported yet', '아직 보고한 서비스가 없습니다'],
  ready: ['Running', '정상'],
  degraded: ['Degraded', '일부 장애'],
  starting: ['Starting', '시작 중'],
  silent: ['Silent', '응답 없음'],
  stopped: ['Stopped', '중지됨'],
  lost: ['Lost', '끊김'],
  heard: ['heard {age}', '{age} 수신'],
  serviceBroker: ['Broker', '브로커'],
  serviceIngest: ['Meter reading', '계량기 수집'],
  serviceAnalyzer: ['Analysis', '분석'],
  serviceController: ['Control', '제어'],
  serviceHistorian: ['History', '기록'],
  serviceDashboard: ['Page', '페이지'],
  servicePrices: ['Prices', '가격'],
  serviceSimulator: ['Simulated meter', '가상 계량기'],

  alerts: ['Alerts', '알림'],
  warning: ['Warning', '주의'],
  critical: ['Critical', '위험'],

  signInTitle: ['Sign in', '로그인'],
  signInText: [
    'The broker asks for a user name and a password.',
    '브로커가 사용자 이름과 비밀번호를 요구합니다.',
  ],
  userName: ['User name', '사용자 이름'],
  password: ['Password', '비밀번호'],
  signInButton: ['Sign in', '로그인'],
  wrongPassword: [
    'User name or password is wrong.',
    '사용자 이름이나 비밀번호가 올바르지 않습니다.',
  ],
  pageBroken: [
    'The page could not be loaded. Please try again.',
    '페이지를 불러오지 못했습니다. 다시 시도해 주세요.',
  ],
} as const satisfies Record<string, readonly [en: string, ko: string]>;

export type TextKey = keyof typeof table;
export const textKeys = Object.keys(table) as readonly TextKey[];
export const isTextKey = (key: string): key is TextKey => Object.hasOwn(table, key);

export type Translate = (key: TextKey, values?: Readonly<Record<string, string>>) => string;

/** The text of a key; a place that is not given stays empty. */
export const translator =
  (language: Language): Translate =>
  (key, values = {}) =>
    table[key][languages.indexOf(language)]!.replace(
      /\{(\w+)\}/g,
      (_, name: string) => values[name] ?? '',
    );

/** What the person chose, else the site's setting, else the first language that both know. */
export function languageOf(
  chosen: string | null,
  setting: 'auto' | Language,
  wanted: readonly string[],
): Language {
  const inOrder = [chosen, setting, ...wanted.map((one) => one.split('-')[0])];
  return languages.find((one) => one === inOrder.find(isLanguage)) ?? 'en';
}

const isLanguage = (one: string | null | undefined): one is Language =>
  (languages as readonly unknown[]).includes(one?.toLowerCase());

/** Names that services give; a name that is not here is shown as it is. */
const names: Readonly<Record<string, TextKey>> = {
  broker: 'serviceBroker',
  'meter-ingest': 'serviceIngest',
  analyzer: 'serviceAnalyzer',
  controller: 'serviceController',
  historian: 'serviceHistorian',
  dashboard: 'serviceDashboard',
  'meter-simulator': 'serviceSimulator',
  'price-feed': 'servicePrices',
  grid: 'roleGrid',
  pv: 'rolePv',
  battery: 'roleBattery',
  ev: 'roleEv',
  consumer: 'roleConsumer',
  gas: 'roleGas',
  water: 'roleWater',
  heat: 'roleHeat',
  'meter-silent': 'ruleMeterSilent',
  'minimum-time': 'ruleMinimumTime',
  user: 'ruleUser',
  'demand-limit': 'ruleDemandLimit',
  nothing: 'ruleNothing',
};

export const nameOf = (translate: Translate, name: string): string => {
  const key = Object.hasOwn(names, name) ? names[name] : undefined;
  return key ? translate(key) : name;
};
