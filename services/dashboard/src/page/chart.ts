import { bySign, cssColour, drawNewest, drawZero, scaleOf } from './chart-drawing.js';
import { byId, setAttribute, setText, within } from './dom.js';
import * as format from './format.js';
import { columnsOf, ranges, type Columns, type PowerSeries } from './power-series.js';
import uPlot from './vendor/uplot.js';
import { directionOf, type Speech } from './view.js';

const FONT = '12px system-ui, "Noto Sans KR", "Noto Sans CJK KR", sans-serif';
const HOUR_MS = 3_600_000;

/** Power over time: import above zero, export below, the value under the pointer told. */
export class Chart {
  readonly #root = byId('plot');
  readonly #tip = byId('tip');
  readonly #plot: uPlot;
  #speech: Speech;
  #columns: Columns = { atMs: [], powerW: [] };
  #endMs = 0;
  #spanMs: number = ranges.day.spanMs;

  constructor(speech: Speech) {
    this.#speech = speech;
    this.#plot = new uPlot(this.#options(), [[], []], this.#root);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(this.#root);
    // Touch: the finger leads the cursor; scrolling up and down stays the browser's.
    this.#root.addEventListener('pointerdown', (event) => this.#touch(event));
    this.#root.addEventListener('pointermove', (event) => this.#touch(event));
    this.#root.addEventListener('keydown', (event) => this.#step(event));
    this.#root.addEventListener('blur', () => this.#plot.setCursor({ left: -10, top: -10 }));
  }

  /** Draws anew after the language or the theme has changed. */
  restyle(speech: Speech): void {
    this.#speech = speech;
    this.#plot.redraw(true, true);
  }

  /** Returns how many values there are, for the note that stands in an empty chart. */
  show(series: PowerSeries, endMs: number): number {
    this.#spanMs = ranges[series.range].spanMs;
    this.#endMs = endMs;
    this.#columns = columnsOf(series, endMs - this.#spanMs);
    const { atMs, powerW } = this.#columns;
    this.#plot.setData([atMs, powerW], true);
    this.#describe();
    return powerW.filter((one) => one !== null).length;
  }

  #options(): uPlot.Options {
    const colour = (name: string) => (): string => cssColour(name);
    return {
      ...this.#size(),
      ms: 1,
      tzDate: (atMs) => uPlot.tzDate(new Date(atMs), this.#speech.formats.zone),
      padding: [12, 20, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 9, fill: this.#fillAt } },
      scales: {
        x: { time: true, range: () => [this.#endMs - this.#spanMs, this.#endMs] },
        y: { range: (_, low, high) => scaleOf(low, high) },
      },
      axes: [
        {
          stroke: colour('--quiet'),
          font: FONT,
          size: 24,
          gap: 6,
          space: 64,
          grid: { show: false },
          ticks: { show: false },
          values: (_, atMs) => atMs.map((at) => this.#timeLabel(at)),
        },
        {
          stroke: colour('--quiet'),
          font: FONT,
          size: 56,
          space: 40,
          grid: { stroke: colour('--grid'), width: 1 },
          ticks: { show: false },
          values: (_, watts) => watts.map((one) => this.#powerLabel(one)),
        },
      ],
      series: [
        {},
        {
          label: 'powerW',
          width: 1.75,
          stroke: (plot) => bySign(plot, 1),
          fill: (plot) => bySign(plot, 0.2),
          fillTo: 0,
          points: { show: false },
          spanGaps: false,
        },
      ],
      hooks: { drawAxes: [drawZero], draw: [drawNewest], setCursor: [() => this.#showTip()] },
    };
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#root;
    return { width: clientWidth, height: clientHeight };
  }

  readonly #fillAt = (plot: uPlot): string => {
    const watts = this.#columns.powerW[plot.cursor.idx ?? -1] ?? 0;
    return cssColour(watts < 0 ? '--export' : '--import');
  };

  #timeLabel(atMs: number): string {
    const { formats } = this.#speech;
    const clock = format.clock(atMs, formats);
    return clock === '00:00' ? format.day(atMs, formats) : clock;
  }

  #powerLabel(watts: number): string {
    const sign = watts < 0 ? '−' : '';
    if (watts === 0) return '0';
    const kW = new Intl.NumberFormat(this.#speech.formats.locale, { maximumFractionDigits: 2 });
    return `${sign}${kW.format(Math.abs(watts) / 1_000)} kW`;
  }

  #showTip(): void {
    const { idx, left = -1 } = this.#plot.cursor;
    const watts = idx === null || idx === undefined ? null : this.#columns.powerW[idx];
    this.#tip.hidden = left < 0 || watts === null || watts === undefined;
    if (this.#tip.hidden) return;
    const { text, formats } = this.#speech;
    const direction = directionOf(watts!);
    const way = { import: 'import', export: 'export', none: 'balanced' } as const;
    const atMs = this.#columns.atMs[idx!]!;
    const time =
      this.#spanMs <= HOUR_MS
        ? format.clockSeconds(atMs, formats)
        : format.when(atMs, this.#endMs, formats);
    setAttribute(this.#tip, 'data-direction', direction);
    setText(within(this.#tip, '.tip-value'), format.join(format.power(watts!, formats)));
    setText(within(this.#tip, '.tip-way'), text(way[direction]));
    setText(within(this.#tip, '.tip-time'), time);
    const { offsetLeft, offsetWidth } = this.#plot.over;
    const right = offsetLeft + left + 14;
    const fits = right + this.#tip.offsetWidth <= offsetLeft + offsetWidth;
    const x = fits ? right : Math.max(0, offsetLeft + left - 14 - this.#tip.offsetWidth);
    this.#tip.style.transform = `translateX(${Math.round(x)}px)`;
  }

  #touch({ pointerType, clientX }: PointerEvent): void {
    if (pointerType === 'mouse') return;
    const left = clientX - this.#plot.over.getBoundingClientRect().left;
    this.#plot.setCursor({ left, top: 1 });
  }

  /** Arrow keys move by a fortieth of the width; the value is read out. */
  #step(event: KeyboardEvent): void {
    const { offsetWidth } = this.#plot.over;
    const { left = -1 } = this.#plot.cursor;
    const from = left < 0 ? offsetWidth : left;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: from - offsetWidth / 40,
      ArrowRight: from + offsetWidth / 40,
      Home: 0,
      End: offsetWidth,
      Escape: -10,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const inside = target === -10 ? target : Math.min(Math.max(target, 0), offsetWidth - 1);
    this.#plot.setCursor({ left: inside, top: 1 });
    const parts = [...this.#tip.children].map((part) => part.textContent ?? '');
    setText(byId('chart-value'), this.#tip.hidden ? '' : parts.join(', '));
  }

  #describe(): void {
    const { text, formats } = this.#speech;
    const values = this.#columns.powerW.filter((one) => one !== null);
    const told = (watts: number): string => {
      const way = text(watts < 0 ? 'export' : 'import');
      return `${format.join(format.power(watts, formats))} (${way})`;
    };
    const summary =
      values.length === 0
        ? text('waiting')
        : text('chartSummary', {
            low: told(values.reduce((a, b) => Math.min(a, b))),
            high: told(values.reduce((a, b) => Math.max(a, b))),
            from: format.when(this.#endMs - this.#spanMs, this.#endMs, formats),
            to: format.clock(this.#endMs, formats),
          });
    setAttribute(this.#root, 'aria-label', text('chartTitle'));
    setText(byId('chart-summary'), `${summary} ${text('chartHint')}`);
  }
}
