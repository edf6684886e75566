import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { ANALYSIS_STATE_VERSION } from '@wattbus/load-analysis';
import { topics, type AnalyzerSnapshot } from '@wattbus/mqtt-contract';
import { keptFormat, testConfig } from '@wattbus/testing';
import { readFileSync, writeFileSync } from 'node:fs';
import { energyMessage, lastDayMessage } from '../src/domain/messages.js';
import { nextMeterState, type MeterState } from '../src/domain/meter-state.js';
import { fromSnapshot, toSnapshot } from '../src/domain/snapshot.js';
import { flatSite } from '../src/load-site.js';

const START_MS = Date.parse('2026-03-28T22:00:00Z');
const QUARTER_MS = 900_000;
/** Readings in the snapshots that are kept, and those after which the next day has closed. */
const [SAVED, ALL] = [240, 300] as const;

const site = flatSite(
  testConfig({
    site: { zone: 'Europe/Brussels' },
    tariff: { importPricePerKWh: 0.25, fixedPerDay: 0.4 },
  }),
);

/** 300 Wh in each quarter-hour. */
function reading(n: number): Reading {
  const at = new Date(START_MS + n * QUARTER_MS).toISOString();
  return {
    v: 1,
    meter: 'main',
    medium: 'electricity',
    role: 'grid',
    epoch: 'e1',
    seq: n + 1,
    at,
    receivedAt: at,
    atSource: 'meter',
    quality: 'checked',
    powerW: 1200,
    energyImportWh: 1_000_000 + n * 300,
    energyExportWh: 0,
  };
}

function goneOn(from: MeterState | null, first: number, end: number): MeterState {
  let state = from;
  for (let n = first; n < end; n += 1) state = nextMeterState(state, reading(n), site).state;
  return state!;
}

const readKept = async (name: string): Promise<AnalyzerSnapshot> => {
  const file = await keptFormat(import.meta.url, name, (path) => {
    const snapshot = toSnapshot(goneOn(null, 0, SAVED), new Date(START_MS));
    writeFileSync(path, `${JSON.stringify(snapshot)}\n`);
  });
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return topics.analyzerSnapshot.row.payload.parse(parsed);
};

/** Each version of the state that there ever was, and the first that was said packed. */
const kept = [
  ...Array.from({ length: ANALYSIS_STATE_VERSION }, (_, before) => `snapshot-${before + 1}.json`),
  'snapshot-3-packed.json',
];

describe('a snapshot', () => {
  // The first is of the program before there were forecasts, anomalies and appliances, the second of
  // that before bills were reckoned from quarter-hours.
  test.each(kept)('that is %s is taken up, and its books go on', async (name) => {
    const state = fromSnapshot(await readKept(name), site);
    if ('fault' in state) throw new Error(state.fault);
    const last = goneOn(state, SAVED, ALL);
    const undisturbed = goneOn(null, 0, ALL);
    const final = lastDayMessage(last, site)!;
    expect(final).toMatchObject({ date: '2026-03-31', importWh: 96 * 300, cost: 96 * 0.075 + 0.4 });
    expect(final.quarters).toHaveLength(96);
    const [actual, wanted] = [energyMessage(last), energyMessage(undisturbed)];
    for (const part of ['today', 'month', 'quarters'] as const) {
      expect(actual[part]).toEqual(wanted[part]);
    }
  });

  test('of a newer analysis is refused with its version', async () => {
    const snapshot = await readKept('snapshot-2.json');
    const state = { ...(snapshot.state as object), analysis: { v: 99 } };
    expect(fromSnapshot({ ...snapshot, state }, site)).toEqual({
      fault: expect.stringMatching(/^the saved state has version 99, known is \d+$/),
    });
  });
});
