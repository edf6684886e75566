import type { AnomalyKind, Reason } from './reasons.js';

/** An anomaly that has not ended. */
export interface OpenAnomaly {
  readonly kind: AnomalyKind;
  readonly fromMs: number;
  readonly reason: Reason;
  /** What it takes in a day beyond the usual while it lasts: times a price, its cost a day. */
  readonly excessWhPerDay: number;
  /** `low` in the first four weeks of a meter, when little is known of it. */
  readonly confidence: 'low' | 'normal';
}

/** An anomaly began or ended. */
export interface AnomalyFinding extends OpenAnomaly {
  readonly change: 'opened' | 'closed';
  readonly atMs: number;
  /** False within a day of the last time that people were told of the kind. */
  readonly notify: boolean;
}

/** At most one of a kind. Plain JSON. */
export interface OpenAnomalies {
  readonly open: { readonly [kind in AnomalyKind]?: OpenAnomaly };
  readonly notifiedAtMs: { readonly [kind in AnomalyKind]?: number };
}

export const noAnomalies: OpenAnomalies = { open: {}, notifiedAtMs: {} };

const NOTIFY_MS_MIN = 24 * 3_600_000;

export interface Update {
  readonly state: OpenAnomalies;
  readonly findings: readonly AnomalyFinding[];
}

/** Brings a kind up to date: `now` is what is wrong at `atMs`, null if nothing is. */
export function updateAnomaly(
  state: OpenAnomalies,
  kind: AnomalyKind,
  now: Omit<OpenAnomaly, 'kind'> | null,
  atMs: number,
): Update {
  const known = state.open[kind];
  if (!known && !now) return { state, findings: [] };
  if (!now) {
    const { [kind]: closed, ...open } = state.open;
    return {
      state: { ...state, open },
      findings: [{ ...closed!, change: 'closed', atMs, notify: false }],
    };
  }
  // It began when it was first found, whatever the detector looks back on now.
  const anomaly: OpenAnomaly = { ...now, kind, fromMs: known?.fromMs ?? now.fromMs };
  const open = { ...state.open, [kind]: anomaly };
  if (known) return { state: { ...state, open }, findings: [] };
  const toldAtMs = state.notifiedAtMs[kind] ?? -Infinity;
  const notify = atMs - toldAtMs >= NOTIFY_MS_MIN;
  return {
    state: {
      open,
      notifiedAtMs: notify ? { ...state.notifiedAtMs, [kind]: atMs } : state.notifiedAtMs,
    },
    findings: [{ ...anomaly, change: 'opened', atMs, notify }],
  };
}
