import type uPlot from './vendor/uplot.js';

/** Less than this above and below is shown anyway, so that a standby load is no mountain. */
const SCALE_W_MIN = 500;

/** Zero is always in sight, with a little room beyond the extremes. */
export function scaleOf(low: number | null, high: number | null): [number, number] {
  const top = Math.max(high ?? 0, 0);
  const bottom = Math.min(low ?? 0, 0);
  const room = Math.max((top - bottom) * 0.06, SCALE_W_MIN * 0.1);
  return [bottom < 0 ? bottom - room : 0, Math.max(top + room, SCALE_W_MIN)];
}

/** One colour above the zero line and another below it, as a gradient with a hard edge. */
export function bySign(plot: uPlot, opacity: number): CanvasGradient | string {
  const top = plot.bbox.top;
  const height = plot.bbox.height;
  const zero = (plot.valToPos(0, 'y', true) - top) / height;
  const importColour = withOpacity(cssColour('--import'), opacity);
  const exportColour = withOpacity(cssColour('--export'), opacity);
  if (!Number.isFinite(zero)) return importColour;
  const edge = Math.min(1, Math.max(0, zero));
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, importColour);
  gradient.addColorStop(edge, importColour);
  gradient.addColorStop(edge, exportColour);
  gradient.addColorStop(1, exportColour);
  return gradient;
}

export function drawZero(plot: uPlot): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(0, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = cssColour('--quiet');
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** A dot where the line ends: the newest reading. */
export function drawNewest(plot: uPlot): void {
  const [atMs, powerW] = plot.data;
  const last = powerW?.at(-1);
  if (last === undefined || last === null) return;
  const { ctx } = plot;
  const x = plot.valToPos(atMs.at(-1)!, 'x', true);
  const y = plot.valToPos(last, 'y', true);
  ctx.save();
  ctx.fillStyle = cssColour(last < 0 ? '--export' : '--import');
  ctx.strokeStyle = cssColour('--card');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.arc(x, y, 4.5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

export const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** `#1f5fd0` → `#1f5fd033`. */
const withOpacity = (colour: string, opacity: number): string =>
  `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
