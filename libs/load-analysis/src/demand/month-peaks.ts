/** The highest quarter-hour of a local month. */
export interface MonthPeak {
  /** `2026-03`. */
  readonly month: string;
  readonly peakW: number;
  /** When, as the meter states it, else the start of the quarter-hour. */
  readonly atMs: number | null;
  /** `meter`: its own peak register. `ledger`: the highest measured quarter-hour. */
  readonly source: 'meter' | 'ledger';
}

/** Twelve months for a capacity tariff's mean, and the running one. */
export const MONTH_PEAKS_MAX = 13;

/** A peak found in the ledger counts if it is higher than what is known of the month. */
export function raisePeak(peaks: readonly MonthPeak[], peak: MonthPeak): readonly MonthPeak[] {
  const known = peaks.find(({ month }) => month === peak.month);
  return known && known.peakW >= peak.peakW ? peaks : withPeak(peaks, peak);
}

/** The meter's own peak register is the authority: it replaces what was found in the ledger. */
export function statePeak(peaks: readonly MonthPeak[], peak: MonthPeak): readonly MonthPeak[] {
  const known = peaks.find(({ month }) => month === peak.month);
  const same = known?.source === 'meter' && known.peakW === peak.peakW && known.atMs === peak.atMs;
  return same ? peaks : withPeak(peaks, peak);
}

export const peakOfMonth = (peaks: readonly MonthPeak[], month: string): MonthPeak | null =>
  peaks.find((peak) => peak.month === month) ?? null;

function withPeak(peaks: readonly MonthPeak[], peak: MonthPeak): readonly MonthPeak[] {
  return [...peaks.filter(({ month }) => month !== peak.month), peak]
    .sort((a, b) => (a.month < b.month ? -1 : 1))
    .slice(-MONTH_PEAKS_MAX);
}
