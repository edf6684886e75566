import type { QuantityName, Reading } from '@wattbus/energy-model';
import type { Calendar } from '@wattbus/tariffs';
import {
  exportWhOf,
  importWhOf,
  integratePower,
  startIntegral,
  type PowerIntegral,
} from './power-integration.js';

/**
 * Energy of each phase today and this month. Meters have registers for the whole only, and many
 * count its balance, so phases are integrated from their powers and add up to something else: a
 * heater on L1 and panels on L2. Plain JSON.
 */
export interface PhaseEnergyState {
  readonly day: string;
  readonly month: string;
  /** L1, L2, L3; null where the meter has never stated it. */
  readonly phases: readonly (PhaseBook | null)[];
}

interface PhaseBook {
  readonly integral: PowerIntegral;
  /** What was counted before the day and before the month. */
  readonly dayBase: Counted;
  readonly monthBase: Counted;
}

type Counted = Pick<PowerIntegral, 'importWms' | 'exportWms'>;

export interface PhaseAmounts {
  readonly importWh: number;
  readonly exportWh: number;
}

const quantities: readonly QuantityName[] = ['powerL1W', 'powerL2W', 'powerL3W'];

/** Takes a reading; null while none has stated the power of a phase. */
export function nextPhaseEnergy(
  state: PhaseEnergyState | null,
  reading: Reading,
  atMs: number,
  calendar: Calendar,
): PhaseEnergyState | null {
  const powersW = quantities.map((quantity) => reading[quantity]);
  if (powersW.every((powerW) => powerW === undefined)) return state;
  const day = calendar.dayOf(atMs).name;
  if (state && day < state.day) return state;
  const month = calendar.monthOf(atMs).name;
  return {
    day,
    month,
    phases: powersW.map((powerW, i) => {
      const book = state?.phases[i] ?? null;
      if (powerW === undefined) return book && turned(book, state!, { day, month });
      const known = book ?? startedAt(atMs, powerW);
      if (atMs <= known.integral.atMs) return known;
      const { integral, dayBase, monthBase } = state ? turned(known, state, { day, month }) : known;
      return { integral: integratePower(integral, atMs, powerW), dayBase, monthBase };
    }),
  };
}

/** Whole watt-hours of a phase, today and this month; null where it is not stated. */
export function phaseAmounts(
  { phases }: PhaseEnergyState,
  phase: number,
): { readonly today: PhaseAmounts; readonly month: PhaseAmounts } | null {
  const book = phases[phase];
  if (!book) return null;
  return { today: since(book, book.dayBase), month: since(book, book.monthBase) };
}

const nothingCounted: Counted = { importWms: 0, exportWms: 0 };

const startedAt = (atMs: number, powerW: number): PhaseBook => ({
  integral: startIntegral(atMs, powerW),
  dayBase: nothingCounted,
  monthBase: nothingCounted,
});

/** The book with the bases of the day and the month that are open now. */
function turned(
  book: PhaseBook,
  before: { readonly day: string; readonly month: string },
  now: { readonly day: string; readonly month: string },
): PhaseBook {
  if (before.day === now.day) return book;
  const { importWms, exportWms } = book.integral;
  const counted = { importWms, exportWms };
  return {
    ...book,
    dayBase: counted,
    monthBase: before.month === now.month ? book.monthBase : counted,
  };
}

function since({ integral }: PhaseBook, base: Counted): PhaseAmounts {
  const counted = {
    ...integral,
    importWms: integral.importWms - base.importWms,
    exportWms: integral.exportWms - base.exportWms,
  };
  return { importWh: importWhOf(counted), exportWh: exportWhOf(counted) };
}
