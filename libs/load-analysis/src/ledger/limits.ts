import type { Medium, QuantityName } from '@wattbus/energy-model';

/** A register that the ledger books, and where its amounts go. */
export interface BookedRegister {
  readonly quantity: QuantityName;
  readonly amount: AmountName;
}

/** Amounts that a span of time can have; which of them depends on the meter's medium. */
export type AmountName = 'importWh' | 'exportWh' | 'volumeL' | 'heatJ' | 'coolingJ';

/** How far a register may go before a difference is doubted. Units are the register's own. */
export interface RegisterLimits {
  /** Its finest step: a fall of no more than that is jitter. */
  readonly resolution: number;
  /** The fastest it can count, per hour. */
  readonly perHourMax: number;
  /**
   * By how much the time of a reading may be wrong. Meters state whole seconds, and a process that
   * was held up stamps late, so two readings can seem nearer to each other than they were.
   */
  readonly clockToleranceMs: number;
  /** Values at which such registers start again at 0: five and six digits of their display. */
  readonly rolloverAt: readonly number[];
}

export interface MediumBooks {
  readonly registers: readonly BookedRegister[];
  readonly limits: RegisterLimits;
}

// 1.2 · 3 · 63 A · 230 V, the largest connection that homes have.
const POWER_W_MAX = 52_164;
const MINUTE_MS = 60_000;

const volume = (litresPerHourMax: number): MediumBooks => ({
  registers: [{ quantity: 'volumeL', amount: 'volumeL' }],
  // A meter behind another one repeats its value and counts on once in an hour.
  limits: {
    resolution: 10,
    perHourMax: litresPerHourMax,
    clockToleranceMs: 120 * MINUTE_MS,
    rolloverAt: [1e8, 1e9],
  },
});

const thermal: MediumBooks = {
  registers: [
    { quantity: 'heatJ', amount: 'heatJ' },
    { quantity: 'coolingJ', amount: 'coolingJ' },
  ],
  // 100 kW in joules an hour; registers step by a kilowatt-hour or by 10 MJ.
  limits: {
    resolution: 1e7,
    perHourMax: 3.6e8,
    clockToleranceMs: 120 * MINUTE_MS,
    rolloverAt: [],
  },
};

/** What is booked for a meter of each medium. */
export const booksOf: Record<Medium, MediumBooks> = {
  electricity: {
    registers: [
      { quantity: 'energyImportWh', amount: 'importWh' },
      { quantity: 'energyExportWh', amount: 'exportWh' },
    ],
    limits: {
      resolution: 1,
      perHourMax: POWER_W_MAX,
      clockToleranceMs: 2_000,
      // 99,999.999 kWh and 999,999.999 kWh.
      rolloverAt: [1e8, 1e9],
    },
  },
  gas: volume(25_000),
  water: volume(10_000),
  'hot-water': volume(10_000),
  heat: thermal,
  cooling: thermal,
};

/** Readings further apart leave a gap: its energy is booked, its windows are estimated. */
export const GAP_MS_MIN = 15 * MINUTE_MS;
/** Beyond this the clock is doubted instead, and no windows are made for the time between. */
export const GAP_MS_MAX = 400 * 24 * 60 * MINUTE_MS;
/** So many readings in a row must agree before a doubtful value is believed. */
export const AGREEING_READINGS_MIN = 3;
