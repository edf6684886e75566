import type { BillSoFar } from '@wattbus/load-analysis';
import { decimalsOf, toNumber, type Calendar } from '@wattbus/tariffs';

export interface ReasonText {
  readonly en: string;
  readonly ko: string;
}

const DAYS_MS = 86_400_000;

/** What a bill that grows means, in words. */
export function billReasons(bill: BillSoFar, calendar: Calendar): ReasonText[] {
  const write = writerOf(bill.soFar.currency);
  return [
    soFarText(bill, write),
    ...forecastText(bill, write),
    ...blockText(bill, write, calendar),
    ...capacityText(bill, write),
    ...unsureText(bill),
  ];
}

type Write = (amount: number, moreDecimals?: number) => string;

/** Amounts as the currency writes them; a price has two decimals more. */
function writerOf(currency: string): Write {
  const decimals = decimalsOf(currency);
  return (amount, more = 0) => `${(amount + 0).toFixed(decimals + more)} ${currency}`;
}

const kWh = (wh: number): string => (wh / 1000).toFixed(wh < 100_000 ? 1 : 0);
const kW = (w: number): string => (w / 1000).toFixed(2);

function soFarText({ soFar, importWh }: BillSoFar, write: Write): ReasonText {
  const total = write(toNumber(soFar.total));
  return {
    en: `${kWh(importWh)} kWh so far: ${total} if nothing more were used.`,
    ko: `지금까지 ${kWh(importWh)} kWh 사용, 더 쓰지 않으면 ${total}입니다.`,
  };
}

function forecastText({ forecast }: BillSoFar, write: Write): ReasonText[] {
  if (!forecast) return [];
  const { p10, p50, p90 } = forecast;
  const [low, middle, high] = [write(p10.total), write(p50.total), write(p90.total)];
  return [
    {
      en: `The bill will be about ${middle} for ${kWh(p50.importWh)} kWh; with 80 % likelihood between ${low} and ${high}.`,
      ko: `예상 사용량 ${kWh(p50.importWh)} kWh, 예상 요금 약 ${middle} (80 % 확률로 ${low} ~ ${high}).`,
    },
  ];
}

function blockText({ nextBlock }: BillSoFar, write: Write, calendar: Calendar): ReasonText[] {
  if (!nextBlock) return [];
  const { fromWh, pricePerKWh, jump, reachedAtMs } = nextBlock;
  const price = write(pricePerKWh, 2);
  const day = reachedAtMs === null ? null : calendar.dayOf(reachedAtMs).name;
  const step =
    jump > 0 ? [` and ${write(jump)} at once`, `, 넘는 즉시 ${write(jump)} 추가`] : ['', ''];
  return [
    {
      en:
        `Above ${kWh(fromWh)} kWh a kilowatt-hour costs ${price}${step[0]}; ` +
        (day === null ? 'this is not expected within this bill.' : `expected on ${day}.`),
      ko:
        `${kWh(fromWh)} kWh를 넘으면 kWh당 ${price}${step[1]}; ` +
        (day === null ? '이번 청구 기간에는 넘지 않을 전망입니다.' : `${day}에 넘을 전망입니다.`),
    },
  ];
}

function capacityText({ capacity }: BillSoFar, write: Write): ReasonText[] {
  if (!capacity) return [];
  const { peakW, cost, costPerKW, bills } = capacity;
  const spread = bills > 1 ? [` over ${bills} bills`, ` (청구서 ${bills}회에 걸쳐)`] : ['', ''];
  const more = costPerKW === null ? null : write(costPerKW);
  return [
    {
      en:
        `This month’s peak of ${kW(peakW)} kW costs ${write(cost)}${spread[0]}` +
        (more === null ? '.' : `; one kilowatt more would cost ${more}.`),
      ko:
        `이번 달 최대 수요 ${kW(peakW)} kW의 요금은 ${write(cost)}입니다${spread[1]}` +
        (more === null ? '.' : `. 1 kW 늘면 ${more}이 더 듭니다.`),
    },
  ];
}

function unsureText({ soFar, coverage, period }: BillSoFar): ReasonText[] {
  const texts: ReasonText[] = [];
  if (soFar.provisional) {
    texts.push({
      en: 'Some prices are not known yet; likely ones stand for them.',
      ko: '아직 발표되지 않은 가격은 추정값으로 계산했습니다.',
    });
  }
  if (coverage < WHOLE) {
    const days = Math.round((period.endMs - period.startMs) / DAYS_MS);
    texts.push({
      en: `Of this bill of ${days} days, ${Math.round(coverage * 100)} % of the time so far is known.`,
      ko: `청구 기간 ${days}일 중 지금까지의 ${Math.round(coverage * 100)} %만 측정되었습니다.`,
    });
  }
  return texts;
}

/** A gap of some minutes at the start of a bill is not worth a word. */
const WHOLE = 0.99;
