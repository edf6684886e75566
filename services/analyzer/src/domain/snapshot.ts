import { Buffer } from 'node:buffer';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { loadAnalysis, type AnalysisSite } from '@wattbus/load-analysis';
import type { AnalyzerSnapshot } from '@wattbus/mqtt-contract';
import type { MeterState } from './meter-state.js';

/** More than any state takes; a snapshot that would become larger is not one of ours. */
const STATE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The state as the bus keeps it, packed: of a meter with a month behind it that is a tenth of what
 * the broker holds in memory and writes to its disk each minute.
 */
export const toSnapshot = (state: MeterState, savedAt: Date): AnalyzerSnapshot => ({
  v: 1,
  meter: state.meter,
  epoch: state.epoch,
  seq: state.seq,
  savedAt: savedAt.toISOString(),
  state: deflateRawSync(JSON.stringify(state), { level: 1 }).toString('base64'),
});

/** The state in a snapshot, or why it is of no use. */
export function fromSnapshot(
  { meter, epoch, seq, state }: AnalyzerSnapshot,
  { calendar }: AnalysisSite,
): MeterState | { readonly fault: string } {
  const saved = typeof state === 'string' ? unpacked(state) : (state as unknown as MeterState);
  if ('fault' in saved) return saved;
  const analysis = loadAnalysis(saved.analysis, calendar);
  if ('fault' in analysis) return analysis;
  if (saved.meter !== meter || saved.epoch !== epoch || saved.seq !== seq) {
    return { fault: 'the saved state is of another reading than its snapshot' };
  }
  // One that was saved before insights were said has none.
  return { ...saved, analysis, changes: (saved as Partial<MeterState>).changes ?? {} };
}

function unpacked(packed: string): MeterState | { readonly fault: string } {
  try {
    const bytes = inflateRawSync(Buffer.from(packed, 'base64'), {
      maxOutputLength: STATE_BYTES_MAX,
    });
    const state: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof state === 'object' && state !== null) return state as MeterState;
    return { fault: 'the saved state is no object' };
  } catch (error) {
    return { fault: `the saved state cannot be unpacked: ${(error as Error).message}` };
  }
}
