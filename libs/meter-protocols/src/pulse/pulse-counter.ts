import type { Register, Telegram } from '@wattbus/energy-model';
import type { PulseOptions } from './pulse-options.js';
import { pulseTelegram } from './pulse-telegram.js';

/** A fast meter gives three pulses a second; a reading a second says as much. */
const stateMsMin = 1_000;
/** A meter that stands still is stated this often, so that its count is never only in old readings. */
export const pulseStateMsMax = 300_000;
const joulesPerKWh = 3_600_000;

export interface CountedPulses {
  readonly telegram: Telegram | null;
  /** Step again then even if no pulse comes. */
  readonly wakeAtMs: number;
}

/**
 * Counts on from a known total, and states it: after pulses, at most once a second, and without any
 * every five minutes. Power is what the time between pulses says; while none comes it can only be
 * less than one pulse since the last.
 */
export class PulseCounter {
  private readonly options: PulseOptions;
  private total: number;
  private unsaid = 0;
  private saidAtMs: number | null = null;
  /** The last pulse, and the last one of the statement before. */
  private pulsedAtMs: number | null = null;
  private pulsedBeforeMs: number | null = null;
  private power: number | null = null;

  constructor(options: PulseOptions, total: number) {
    this.options = options;
    this.total = total;
  }

  step({ nowMs, pulses }: { nowMs: number; pulses: number }): CountedPulses {
    if (pulses > 0) {
      this.total += pulses;
      this.unsaid += pulses;
      this.pulsedAtMs = nowMs;
    }
    const dueAtMs = this.dueAtMs();
    if (nowMs < dueAtMs) return { telegram: null, wakeAtMs: dueAtMs };
    return { telegram: this.state(nowMs), wakeAtMs: this.dueAtMs() };
  }

  /** The last statement before the count is forgotten; null where everything was said. */
  end(nowMs: number): Telegram | null {
    return this.unsaid > 0 ? this.state(nowMs) : null;
  }

  private state(nowMs: number): Telegram {
    const powerW = this.powerAt(nowMs);
    this.saidAtMs = nowMs;
    this.unsaid = 0;
    this.pulsedBeforeMs = this.pulsedAtMs;
    return this.telegram(powerW);
  }

  private dueAtMs(): number {
    if (this.saidAtMs === null) return -Infinity;
    return this.saidAtMs + (this.unsaid > 0 ? stateMsMin : pulseStateMsMax);
  }

  private powerAt(nowMs: number): number | null {
    const { perUnit, quantity = 'energyImportWh' } = this.options;
    if (perUnit === undefined || quantity === 'volumeL' || this.pulsedBeforeMs === null)
      return null;
    const joules = (joulesPerKWh / perUnit) * Math.max(1, this.unsaid);
    const spanMs = (this.unsaid > 0 ? this.pulsedAtMs! : nowMs) - this.pulsedBeforeMs;
    const meanW = Math.round((joules * 10_000) / Math.max(1, spanMs)) / 10;
    this.power = this.unsaid > 0 ? meanW : Math.min(this.power ?? meanW, meanW);
    return quantity === 'energyExportWh' ? -this.power : this.power;
  }

  private telegram(powerW: number | null): Telegram {
    const counted = pulseTelegram(this.total, this.options);
    if (powerW === null) return counted;
    const power: Register = { label: 'powerW', value: powerW, unit: 'W' };
    return { ...counted, registers: [...counted.registers, power] };
  }
}

/** What a counter begins with where no reading is known: the meter's display, in pulses. */
export const pulsesAtStart = ({ perUnit = 1, start = 0 }: PulseOptions): number =>
  Math.round(start * perUnit);
