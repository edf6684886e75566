import { renderBills } from './bills.js';
import { Chart } from './chart.js';
import { Connection } from './connection.js';
import { byId, setAttribute, setText } from './dom.js';
import { localeOf } from './format.js';
import { History } from './history.js';
import { renderInsights } from './insights.js';
import { languageOf, translator, type TextKey } from './i18n.js';
import * as lists from './lists.js';
import type { PageConfig } from './page-config.js';
import type { RangeName } from './power-series.js';
import * as preferences from './preferences.js';
import { chartEndMs } from './selections.js';
import { SignIn } from './sign-in.js';
import { initialState, reduce, type Input, type PageState } from './state.js';
import * as view from './view.js';

/** Messages may come by the hundred a second; the page is drawn so often at most. */
const RENDER_MS_MIN = 250;
/** Ages on the page count up by themselves. */
const TICK_MS = 1_000;

/** Puts the parts together: messages change the state, and the state is drawn. */
class Page {
  readonly #config: PageConfig;
  readonly #connection: Connection;
  readonly #history: History;
  readonly #signIn: SignIn;
  readonly #chart: Chart;
  #theme = preferences.chosenTheme();
  #speech: view.Speech;
  #state: PageState = initialState;
  #renderTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(config: PageConfig) {
    this.#config = config;
    this.#speech = this.#speechOf(
      languageOf(preferences.chosenLanguage(), config.site.language, navigator.languages),
    );
    preferences.applyTheme(this.#theme);
    byId('page').hidden = false;
    this.#chart = new Chart(this.#speech);
    this.#connection = new Connection(config.topics, {
      message: (message) => this.#take({ kind: 'message', message, nowMs: Date.now() }),
      link: (link) => {
        if (link === 'online') this.#history.reset();
        this.#take({ kind: 'link', link });
      },
      accountRefused: () => {
        const wrongPassword = preferences.savedAccount() !== null;
        preferences.saveAccount(null);
        this.#take({ kind: 'link', link: 'sign-in', wrongPassword });
      },
    });
    this.#history = new History(this.#connection);
    this.#signIn = new SignIn((account) => {
      preferences.saveAccount(account);
      this.#connection.open(account);
    });
  }

  start(): void {
    this.#listen();
    this.#renderTexts();
    this.#render();
    this.#connection.open(preferences.savedAccount());
    setInterval(() => this.#render(), TICK_MS);
  }

  #take(input: Input): void {
    this.#state = reduce(this.#state, input);
    // Hidden pages are not drawn by the browser; the state goes on, and is drawn on return.
    this.#renderTimer ??= setTimeout(() => {
      this.#renderTimer = null;
      this.#render();
    }, RENDER_MS_MIN);
  }

  #render(): void {
    const nowMs = Date.now();
    const endMs = chartEndMs(this.#state, nowMs);
    const asked = this.#history.ask(this.#state, endMs, nowMs);
    if (asked !== null) this.#state = reduce(this.#state, { kind: 'requested', requestId: asked });
    if (document.hidden) return;
    const state = this.#state;
    const signingIn = this.#signIn.render(state, this.#speech);
    byId('views').hidden = signingIn;
    byId('sign-out').hidden = preferences.savedAccount() === null || signingIn;
    view.renderLink(state, this.#speech, nowMs);
    if (signingIn) return;
    lists.renderAlerts(state, this.#speech, nowMs);
    view.renderNow(state, this.#speech, nowMs);
    view.renderSpans(state, this.#speech);
    view.renderDemand(state, this.#speech);
    const points = this.#chart.show(state.series, endMs);
    setAttribute(byId('plot'), 'data-points', String(points));
    setText(byId('plot-note'), points > 1 ? '' : this.#chartNote());
    renderBills(state, this.#speech);
    renderInsights(state, this.#speech, nowMs);
    lists.renderMeters(state, this.#speech);
    lists.renderDevices(state, this.#speech, nowMs);
    lists.renderServices(state, this.#speech, nowMs);
  }

  #chartNote(): string {
    const { series, power } = this.#state;
    if (series.error !== null) return series.error;
    const key: TextKey =
      series.stored.length > 0
        ? 'chartEmpty'
        : this.#history.unanswered
          ? 'chartNoReply'
          : power || series.requestId
            ? 'chartWaiting'
            : 'waiting';
    return this.#speech.text(key);
  }

  #listen(): void {
    byId('language').addEventListener('click', () => {
      const language = this.#speech.language === 'en' ? 'ko' : 'en';
      preferences.chooseLanguage(language);
      this.#speech = this.#speechOf(language);
      this.#renderTexts();
    });
    byId('theme').addEventListener('click', () => {
      const { themes } = preferences;
      this.#theme = themes[(themes.indexOf(this.#theme) + 1) % themes.length]!;
      preferences.chooseTheme(this.#theme);
      this.#renderTexts();
    });
    preferences.darkDevice.addEventListener('change', () => this.#renderTexts());
    byId('sign-out').addEventListener('click', () => {
      preferences.saveAccount(null);
      this.#state = initialState;
      this.#connection.open(null);
    });
    for (const button of this.#rangeButtons()) {
      button.addEventListener('click', () => {
        this.#take({ kind: 'range', range: button.dataset['range'] as RangeName });
        this.#renderRanges();
        this.#render();
      });
    }
    addEventListener('online', () => this.#connection.hurry());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#connection.hurry();
      this.#render();
    });
  }

  #renderTexts(): void {
    const { text } = this.#speech;
    preferences.applyTheme(this.#theme);
    view.renderTexts(this.#speech, this.#config.site.name);
    setText(byId('language'), text('otherLanguage'));
    setAttribute(byId('language'), 'lang', this.#speech.language === 'en' ? 'ko' : 'en');
    setAttribute(byId('language'), 'title', text('switchLanguage'));
    const themeKeys = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const;
    setAttribute(byId('theme-icon'), 'href', `#icon-${this.#theme}`);
    for (const [id, key] of [
      ['theme', themeKeys[this.#theme]],
      ['sign-out', 'signOut'],
    ] as const) {
      setAttribute(byId(id), 'aria-label', text(key));
      setAttribute(byId(id), 'title', text(key));
    }
    this.#renderRanges();
    this.#chart.restyle(this.#speech);
    this.#render();
  }

  #renderRanges(): void {
    for (const button of this.#rangeButtons()) {
      const pressed = button.dataset['range'] === this.#state.series.range;
      setAttribute(button, 'aria-pressed', String(pressed));
    }
  }

  #rangeButtons(): NodeListOf<HTMLElement> {
    return document.querySelectorAll<HTMLElement>('[data-range]');
  }

  #speechOf(language: view.Speech['language']): view.Speech {
    const formats = {
      locale: localeOf(language, navigator.languages),
      zone: this.#config.site.zone,
    };
    return { language, text: translator(language), formats };
  }
}

async function main(): Promise<void> {
  preferences.applyTheme(preferences.chosenTheme());
  try {
    const response = await fetch('config.json');
    if (!response.ok) throw new Error(`config.json: ${response.status}`);
    new Page((await response.json()) as PageConfig).start();
  } catch (error) {
    const broken = byId('broken');
    broken.hidden = false;
    setText(broken, translator(languageOf(null, 'auto', navigator.languages))('pageBroken'));
    throw error;
  }
}

await main();
