/** How long and how much the journal keeps. */
export interface RetentionLimits {
  readonly ageMsMax: number;
  readonly bytesMax: number;
  readonly segmentsMax: number;
}

/** What the decision needs to know of a segment, oldest segment first, the one in use last. */
export interface SegmentAge {
  readonly bytes: number;
  readonly createdAtMs: number;
}

/** `age` is the retention that was asked for; the others take readings before their time. */
export type DropReason = 'age' | 'bytes' | 'segments';

/**
 * Why the oldest segment has to go now, or null. A segment's newest reading is as old as the
 * segment after it; the segment in use always stays, as it holds where each meter's `seq` stands.
 */
export function dropReason(
  segments: readonly SegmentAge[],
  limits: RetentionLimits,
  nowMs: number,
): DropReason | null {
  const second = segments[1];
  if (!second) return null;
  if (nowMs - second.createdAtMs > limits.ageMsMax) return 'age';
  if (bytesOf(segments) > limits.bytesMax) return 'bytes';
  return segments.length > limits.segmentsMax ? 'segments' : null;
}

const WARN_FROM = 0.8;
const CLEAR_BELOW = 0.75;

/**
 * Whether the limit in bytes is going to take readings before they reach their age: it is nearly
 * used up, and at this rate the full age would not fit. With a gap between on and off, so that the
 * warning does not flutter.
 */
export function retentionNear(
  segments: readonly SegmentAge[],
  limits: RetentionLimits,
  nowMs: number,
  wasNear: boolean,
): { near: boolean; usedFraction: number } {
  const bytes = bytesOf(segments);
  const usedFraction = bytes / limits.bytesMax;
  const oldest = segments[0];
  if (!oldest || usedFraction < (wasNear ? CLEAR_BELOW : WARN_FROM)) {
    return { near: false, usedFraction };
  }
  const keptMs = Math.max(1, nowMs - oldest.createdAtMs);
  const fullBytes = bytes * Math.max(1, limits.ageMsMax / keptMs);
  return { near: fullBytes > limits.bytesMax, usedFraction };
}

const bytesOf = (segments: readonly SegmentAge[]): number =>
  segments.reduce((sum, { bytes }) => sum + bytes, 0);
