import type { SiteAnalysis } from '@wattbus/mqtt-contract';
import { byId, renderRows, setAttribute, setFigure, setText, within } from './dom.js';
import * as format from './format.js';
import type { TextKey } from './i18n.js';
import { curveOf, hoursShown } from './outlook.js';
import { gridMeters, type PageState } from './state.js';
import type { Speech } from './view.js';

type Part<Name extends keyof SiteAnalysis> = NonNullable<SiteAnalysis[Name]>;

const HOUR_MS = 3_600_000;
/** A change of the standby load that is within what days differ by anyway. */
const STEADY_W_MAX = 5;

/** What is known beyond the sums of today; each card appears once there is something for it. */
export function renderInsights(state: PageState, speech: Speech, nowMs: number): void {
  const { site } = state;
  const currency = site?.currency ?? 'EUR';
  const shown = [
    renderOutlook(state, speech),
    card('standby', site?.standby, (standby) => renderStandby(standby, currency, speech)),
    card('periods', site?.week && site, (whole) => renderPeriods(whole, speech)),
    card('notices', site?.standby && (site.anomalies ?? []), (anomalies) =>
      renderNotices(anomalies, currency, { speech, nowMs }),
    ),
    card('carbon', site?.carbon, (carbon) => renderCarbon(carbon, speech)),
    card('sun', site?.flows, (flows) => renderSun(flows, speech)),
  ];
  byId('insights').hidden = !shown.includes(true);
}

function card<Known>(
  id: string,
  known: Known | null | undefined,
  render: (known: Known) => void,
): boolean {
  const there = known !== null && known !== undefined;
  byId(id).hidden = !there;
  if (there) render(known);
  return there;
}

function renderOutlook(state: PageState, { text, formats }: Speech): boolean {
  const meter = gridMeters(state).find((name) => state.forecasts.has(name));
  const forecast = meter === undefined ? undefined : state.forecasts.get(meter);
  return card('outlook', forecast, (known) => {
    const hours = hoursShown(known);
    const todayHours = known.today.length;
    const curve = curveOf(hours, todayHours);
    for (const name of ['band', 'expected', 'actual', 'midnight'] as const) {
      setAttribute(byId(`outlook-${name}`), 'd', curve[name]);
    }
    const sums = state.site?.forecast;
    const figure = (wh: number | undefined): string =>
      wh === undefined ? '–' : format.join(format.energy(wh, formats));
    const today = figure(sums?.todayWh);
    const tomorrow = figure(sums?.tomorrowWh);
    setText(byId('outlook-today'), today);
    setText(byId('outlook-tomorrow'), tomorrow);
    setText(byId('outlook-top'), format.join(format.power(curve.topWh, formats)));
    const nextMs = hours[todayHours]?.startMs;
    setText(
      byId('outlook-day'),
      nextMs === undefined ? '' : format.longDay(nextMs + HOUR_MS, formats),
    );
    setAttribute(byId('outlook-curve'), 'aria-label', text('outlookSummary', { today, tomorrow }));
  });
}

function renderStandby(
  standby: Part<'standby'>,
  currency: string,
  { text, formats }: Speech,
): void {
  const { baseloadW, yearWh, yearCost, trendW } = standby;
  setFigure(byId('standby'), format.power(baseloadW, formats));
  setText(byId('standby-year'), format.join(format.energy(yearWh, formats)));
  byId('standby-costs').hidden = yearCost === null;
  setText(byId('standby-cost'), yearCost === null ? '' : format.money(yearCost, currency, formats));
  byId('standby-trends').hidden = trendW === null;
  if (trendW === null) return;
  const change = `${trendW > 0 ? '+' : '−'}${format.join(format.power(trendW, formats))}`;
  setText(byId('standby-trend'), Math.abs(trendW) < STEADY_W_MAX ? text('steady') : change);
}

function renderPeriods(site: SiteAnalysis, { text, formats }: Speech): void {
  const { week, billing, year, importMonthWh } = site;
  const all: readonly (readonly [TextKey, number | undefined])[] = [
    ['week', week?.importWh],
    ['thisMonth', importMonthWh],
    ['billingPeriod', isMonth(site) ? undefined : billing?.importWh],
    ['year', year?.importWh],
  ];
  const rows = all.flatMap(([key, wh]) => (wh === undefined ? [] : [{ key, wh }]));
  renderRows(byId('period-list'), rows, {
    keyOf: ({ key }) => key,
    template: 'period-row',
    fill: (element, { key, wh }) => {
      setText(within(element, 'dt'), text(key));
      setText(within(element, 'dd'), format.join(format.energy(wh, formats)));
    },
  });
}

/** Billed from the first of the month on, both say the same. */
const isMonth = ({ billing, importMonthWh, exportMonthWh }: SiteAnalysis): boolean =>
  billing?.importWh === importMonthWh && billing.exportWh === exportMonthWh;

function renderNotices(
  anomalies: Part<'anomalies'>,
  currency: string,
  { speech, nowMs }: { readonly speech: Speech; readonly nowMs: number },
): void {
  const { text, formats, language } = speech;
  byId('notice-none').hidden = anomalies.length > 0;
  renderRows(byId('notice-list'), anomalies, {
    keyOf: ({ meter, kind, from }) => `${meter} ${kind} ${from}`,
    template: 'notice-row',
    fill: (element, { meter, from, reasons, costPerDay, confidence }) => {
      setText(within(element, '.notice-text'), reasons[language]);
      const more = [
        meter,
        format.when(Date.parse(from), nowMs, formats),
        costPerDay !== null &&
          costPerDay > 0 &&
          text('noticeCost', { cost: format.money(costPerDay, currency, formats) }),
        confidence === 'low' && text('noticeUnsure'),
      ];
      setText(within(element, '.notice-more'), more.filter(Boolean).join(' · '));
    },
  });
}

function renderCarbon({ todayG, monthG, gPerKWh }: Part<'carbon'>, { formats }: Speech): void {
  setFigure(byId('carbon'), format.mass(todayG, formats));
  const intensity = gPerKWh === null ? '–' : format.join(format.mass(gPerKWh, formats));
  setText(byId('carbon-intensity'), intensity);
  setText(byId('carbon-month'), format.join(format.mass(monthG, formats)));
}

function renderSun({ today }: Part<'flows'>, { formats }: Speech): void {
  const share = (value: number | null): string =>
    value === null ? '–' : format.percent(value, formats);
  setFigure(byId('sun'), format.energy(today.productionWh, formats));
  setText(byId('self-consumption'), share(today.selfConsumptionShare));
  setText(byId('autarky'), share(today.autarkyShare));
}
