import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { certaintySettled } from './asking.js';
import type { Detected } from './detected.js';
import { Evidence, isSame } from './evidence.js';
import type { Plan } from './plan.js';

/** Noise misleads an estimate; then the usual order goes on. */
const estimateUsesMax = 3;
const certaintyMin = 0.8;
/** Short telegrams without a checksum have to come several times. */
const hopefulExtensionsMax = 4;

/** Listens under one of the usual settings after another, the likeliest next. */
export class Listening {
  private readonly plan: Plan;
  private readonly options: DecoderOptions;
  private readonly tried = new Set<number>();
  private slower = { baudRate: 0, uses: 0 };
  private index = -1;
  private untilMs = 0;
  private extensions = 0;
  private evidence: Evidence | null = null;
  /** The likeliest so far. */
  best: Detected | null = null;

  constructor(plan: Plan, options: DecoderOptions) {
    this.plan = plan;
    this.options = options;
  }

  get settings(): SerialSettings {
    return this.plan.listen[this.index]!;
  }

  /** Settings tried since all of them were. */
  get triedCount(): number {
    return this.tried.size;
  }

  get spokeAtMs(): number | null {
    return this.evidence?.spokeAtMs ?? null;
  }

  wakeAtMs(nowMs: number): number {
    // A burst that is over already was judged.
    const burstEndsAtMs = this.evidence!.burstEndsAtMs;
    return Math.min(this.untilMs, burstEndsAtMs > nowMs ? burstEndsAtMs : Infinity);
  }

  /** Takes the likeliest settings that were not tried yet. */
  turn(nowMs: number, turnMs: number): void {
    this.listen(this.index < 0 ? 0 : this.likeliest(), nowMs, turnMs);
  }

  /** Somebody speaks, but has not done so in this turn: that was no trial. */
  retry(): void {
    if (this.spokeAtMs === null) this.tried.delete(this.index);
  }

  /** All settings are open again; what garbage told still holds. */
  startAnew(): void {
    this.tried.clear();
    if (this.slower.baudRate > 0) this.slower.uses = estimateUsesMax;
    this.evidence = null;
  }

  /** Whether this turn is over; `best` may have been found by it. `turnMs` is for a longer one. */
  hear(nowMs: number, bytes: Uint8Array, turnMs: number): boolean {
    const evidence = this.evidence!;
    evidence.push(bytes, nowMs);
    if (evidence.showsEvenParity()) return !this.listenInSevenBits(nowMs, turnMs);
    this.keep(evidence);
    if (this.best && this.best.certainty >= certaintySettled) return true;
    if (evidence.isForeign(nowMs)) return true;
    if (nowMs < this.untilMs) return false;
    // The telegram may have been disturbed; the next one is waited for.
    const extensionsMax = evidence.scores().length > 0 ? hopefulExtensionsMax : 1;
    const isWaiting = !this.best && this.extensions < extensionsMax && evidence.isPromising();
    if (!isWaiting || !evidence.isActive) return true;
    this.extensions += 1;
    this.untilMs = nowMs + turnMs;
    return false;
  }

  private keep(evidence: Evidence): void {
    const score = evidence.scores()[0];
    if (score === undefined || score.certainty < certaintyMin) return;
    if (this.best && this.best.certainty >= score.certainty) return;
    this.best = { ...score, settings: this.settings };
  }

  /** Of the settings not tried yet, those nearest to the rate that the garbage tells. */
  private likeliest(): number {
    const estimate = this.evidence?.slowerBaudRate() ?? null;
    if (estimate !== null) this.slower = { baudRate: estimate, uses: estimateUsesMax };
    const slower = this.slower.uses > 0 ? this.slower.baudRate : null;
    this.slower.uses -= 1;
    const all = this.plan.listen.map((_, index) => index);
    let open = all.filter((index) => !this.tried.has(index));
    if (open.length === 0) {
      this.tried.clear();
      open = all;
    }
    if (slower === null) return open[0]!;
    const distanceOf = (index: number): number =>
      Math.abs(Math.log(this.plan.listen[index]!.baudRate / slower));
    return open.reduce((best, index) => (distanceOf(index) < distanceOf(best) ? index : best));
  }

  private listenInSevenBits(nowMs: number, turnMs: number): boolean {
    const seven: SerialSettings = { ...this.settings, dataBits: 7, parity: 'even' };
    const index = this.plan.listen.findIndex((usual) => isSame(usual, seven));
    if (index >= 0) this.listen(index, nowMs, turnMs);
    return index >= 0;
  }

  private listen(index: number, nowMs: number, turnMs: number): void {
    this.index = index;
    this.tried.add(index);
    this.untilMs = nowMs + turnMs;
    this.evidence = new Evidence(this.plan.heard, this.settings, this.options, nowMs);
    this.extensions = 0;
  }
}
