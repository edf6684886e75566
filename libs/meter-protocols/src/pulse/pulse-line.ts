/** What is known of a line that is looked at again and again; all of it is one look old or older. */
export interface PulseLine {
  readonly atMs: number;
  /** The newest look at which the line was active. */
  readonly activeAtMs: number;
  /** The newest look at rest since then; null while it is active. */
  readonly restedAtMs: number | null;
  /** The look at rest before the active phase that it is in, or was in last. */
  readonly beganAfterMs: number;
  readonly isCounted: boolean;
}

export interface PulseLook {
  readonly nowMs: number;
  readonly isActive: boolean;
}

export interface LookedAt {
  readonly line: PulseLine;
  readonly pulses: 0 | 1;
  /** A phase ended that was too short for a pulse. */
  readonly tooShort: boolean;
  /** Time since the look before, where that is so long that a pulse may have passed; else 0. */
  readonly unseenMs: number;
}

/** A line that nobody looked at for so long is another one: what it did meanwhile is unknown. */
export const unseenMsMax = 1_000;

/**
 * One look at a line whose active phases are pulses. Pulses and the pauses between them last
 * `lengthMsMin` or longer (S0: 30 ms), so that phases that seem shorter belong to the one around
 * them. How long a phase was is known within the looks before and after it, and the longer of what
 * it can have been is taken: looks less than half of `lengthMsMin` apart miss no pulse and count none
 * twice, whenever they come; bounces count with their pulse as long as they and two looks take less
 * than `lengthMsMin`.
 */
export function lookAtPulseLine(
  before: PulseLine | null,
  { nowMs, isActive }: PulseLook,
  lengthMsMin: number,
): LookedAt {
  if (before === null || nowMs - before.atMs > unseenMsMax) return firstLook(nowMs, isActive);
  const lookedMs = nowMs - before.atMs;
  const seen = { tooShort: false, unseenMs: lookedMs < lengthMsMin / 2 ? 0 : lookedMs };
  const line = isActive ? activeLine(before, nowMs, lengthMsMin) : restingLine(before, nowMs);
  const tooShort = line.beganAfterMs !== before.beganAfterMs && !before.isCounted;
  // An active look, or the first at rest behind one: the phase may have lasted until now.
  const mayLast = isActive || before.restedAtMs === null;
  if (line.isCounted || !mayLast || nowMs - line.beganAfterMs < lengthMsMin) {
    return { ...seen, line, pulses: 0, tooShort };
  }
  return { ...seen, line: { ...line, isCounted: true }, pulses: 1, tooShort };
}

/** Nobody saw when it became active, so that its first phase may have been counted before. */
const firstLook = (nowMs: number, isActive: boolean): LookedAt => ({
  line: {
    atMs: nowMs,
    activeAtMs: isActive ? nowMs : -Infinity,
    restedAtMs: isActive ? null : nowMs,
    beganAfterMs: nowMs,
    isCounted: true,
  },
  pulses: 0,
  tooShort: false,
  unseenMs: 0,
});

function activeLine(before: PulseLine, nowMs: number, lengthMsMin: number): PulseLine {
  const line = { ...before, atMs: nowMs, activeAtMs: nowMs, restedAtMs: null };
  const wasPause = before.restedAtMs !== null && nowMs - before.activeAtMs >= lengthMsMin;
  return wasPause ? { ...line, beganAfterMs: before.restedAtMs!, isCounted: false } : line;
}

const restingLine = (before: PulseLine, nowMs: number): PulseLine => ({
  ...before,
  atMs: nowMs,
  restedAtMs: nowMs,
});
