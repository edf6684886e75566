import { byId, setAttribute, setFigure, setText, within } from './dom.js';
import * as format from './format.js';
import type { Formats } from './format.js';
import { isTextKey, type Language, type TextKey, type Translate } from './i18n.js';
import { freshness } from './selections.js';
import type { Link, PageState } from './state.js';

/** Language and zone of everything that is written on the page. */
export interface Speech {
  readonly language: Language;
  readonly text: Translate;
  readonly formats: Formats;
}

/** Below this nobody cares about the direction. */
const BALANCED_W_MAX = 5;
const QUARTER_MS = 900_000;

export type Direction = 'import' | 'export' | 'none';

/** Which way the energy flows; the sign convention is import positive. */
export const directionOf = (watts: number): Direction =>
  Math.abs(watts) < BALANCED_W_MAX ? 'none' : watts > 0 ? 'import' : 'export';

/** Fills in the fixed texts; once, and again when the language changes. */
export function renderTexts({ language, text }: Speech, siteName: string): void {
  document.documentElement.lang = language;
  document.title = text('title', { site: siteName });
  setText(byId('site-name'), siteName);
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    setText(element, text(keyIn(element.dataset['text'])));
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    setAttribute(element, 'aria-label', text(keyIn(element.dataset['label'])));
  }
}

const linkTexts: Readonly<Record<Link | 'stale', TextKey>> = {
  connecting: 'linkConnecting',
  online: 'linkOnline',
  stale: 'linkStale',
  offline: 'linkOffline',
  'sign-in': 'linkSignIn',
  refused: 'linkRefused',
};

export function renderLink(state: PageState, { text }: Speech, nowMs: number): void {
  const stale = state.link === 'online' && freshness(state, nowMs)?.stale === true;
  const shown = stale ? 'stale' : state.link;
  setAttribute(byId('link'), 'data-link', shown);
  setText(byId('link'), text(linkTexts[shown]));
}

export function renderNow(state: PageState, { text, formats }: Speech, nowMs: number): void {
  const { power } = state;
  const fresh = freshness(state, nowMs);
  const direction = power ? directionOf(power.watts) : 'none';
  const words = { import: 'fromGrid', export: 'toGrid', none: 'balanced' } as const;
  const icons = { import: 'down', export: 'up', none: 'level' };
  const root = byId('now');
  root.classList.toggle('stale', fresh?.stale === true);
  setFigure(root, power && format.power(power.watts, formats));
  setAttribute(byId('power'), 'data-direction', direction);
  setAttribute(byId('direction'), 'data-direction', direction);
  setAttribute(byId('direction-icon'), 'href', `#icon-${icons[direction]}`);
  setText(byId('direction-text'), power ? text(words[direction]) : '–');
  setText(
    byId('age'),
    fresh && power
      ? text('lastReading', { age: format.age(fresh.ageMs, formats) })
      : text('waiting'),
  );
}

interface Span {
  readonly importWh: number;
  readonly exportWh: number;
  readonly cost: number;
}

export function renderSpans({ site }: PageState, speech: Speech): void {
  const { formats } = speech;
  renderSpan(
    'today',
    speech,
    site && {
      importWh: site.importTodayWh,
      exportWh: site.exportTodayWh,
      cost: site.costToday,
    },
    site?.currency,
  );
  renderSpan(
    'month',
    speech,
    site && {
      importWh: site.importMonthWh,
      exportWh: site.exportMonthWh,
      cost: site.costMonth,
    },
    site?.currency,
  );
  const atMs = site && Date.parse(site.at);
  setText(byId('today-date'), atMs === null ? '' : format.day(atMs, formats));
  setText(byId('month-name'), atMs === null ? '' : format.month(atMs, formats));
}

function renderSpan(
  id: string,
  { text, formats }: Speech,
  span: Span | null,
  currency = 'EUR',
): void {
  const root = byId(id);
  setFigure(root, span && format.energy(span.importWh, formats));
  const credit = span !== null && span.cost < 0;
  setText(within(root, '.cost-label'), text(credit ? 'credit' : 'cost'));
  const cost = span && format.money(Math.abs(span.cost), currency, formats);
  setText(within(root, '.cost'), cost ?? '–');
  setText(within(root, '.fed'), span ? format.join(format.energy(span.exportWh, formats)) : '–');
}

export function renderDemand({ site }: PageState, { text, formats }: Speech): void {
  const figure = (watts: number | null | undefined): string =>
    watts === null || watts === undefined ? '–' : format.join(format.power(watts, formats));
  const { demandAverageW, demandPredictedW, demandPeakMonthW, demandPeakMonthAt } = site ?? {};
  const average = figure(demandAverageW);
  const predicted = demandPredictedW ?? null;
  const peak = figure(demandPeakMonthW);
  const peakAt = demandPeakMonthAt ? Date.parse(demandPeakMonthAt) : null;
  setFigure(byId('predicted'), predicted === null ? null : format.power(predicted, formats));
  setText(byId('average'), average);
  setText(byId('peak'), peak);
  setText(
    byId('peak-at'),
    peakAt === null ? '' : `${format.day(peakAt, formats)}, ${format.clock(peakAt, formats)}`,
  );
  const leftMs = site && QUARTER_MS - (Date.parse(site.at) % QUARTER_MS);
  const minutes = leftMs && formatMinutes(leftMs);
  setText(byId('quarter-left'), minutes ? text('quarterLeft', { minutes }) : '');

  const bar = byId('bar');
  const full = Math.max(demandPeakMonthW ?? 0, predicted ?? 0, demandAverageW ?? 0, 1);
  bar.classList.toggle('over', predicted !== null && predicted > (demandPeakMonthW ?? Infinity));
  setWidth(within(bar, '.bar-average'), (demandAverageW ?? 0) / full);
  setWidth(within(bar, '.bar-predicted'), (predicted ?? 0) / full);
  const values = { average, predicted: figure(predicted), peak };
  setAttribute(bar, 'aria-label', text('quarterBar', values));
}

const formatMinutes = (ms: number): string => String(Math.ceil(ms / 60_000));

function setWidth(element: HTMLElement, share: number): void {
  element.style.width = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
}

function keyIn(name: string | undefined): TextKey {
  if (name === undefined || !isTextKey(name)) throw new Error(`no text for ${String(name)}`);
  return name;
}
