import type { Calendar } from '@wattbus/tariffs';
import { addCarbon, noCarbon, type Carbon, type CarbonSlot, type Intensity } from './carbon.js';

/** CO2 of the open local day and month, and of the last day that closed. Plain JSON. */
export interface CarbonBooks {
  readonly day: string;
  readonly month: string;
  readonly today: Carbon;
  readonly thisMonth: Carbon;
  readonly closedDay: Carbon | null;
}

/** Takes a closed quarter-hour. */
export function nextCarbonBooks(
  state: CarbonBooks | null,
  quarter: CarbonSlot & { readonly startMs: number },
  intensity: Intensity,
  calendar: Calendar,
): CarbonBooks {
  const day = calendar.dayOf(quarter.startMs).name;
  const month = calendar.monthOf(quarter.startMs).name;
  const today = state?.day === day ? state.today : noCarbon;
  const thisMonth = state?.month === month ? state.thisMonth : noCarbon;
  return {
    day,
    month,
    today: addCarbon(today, quarter, intensity),
    thisMonth: addCarbon(thisMonth, quarter, intensity),
    closedDay: state === null || state.day === day ? (state?.closedDay ?? null) : state.today,
  };
}
