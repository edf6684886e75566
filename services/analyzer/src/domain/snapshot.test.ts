import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { testConfig } from '@wattbus/testing';
import { deflateRawSync } from 'node:zlib';
import { flatSite } from '../load-site.js';
import { nextMeterState, type MeterState } from './meter-state.js';
import { fromSnapshot, toSnapshot } from './snapshot.js';

const site = flatSite(testConfig({ site: { zone: 'Europe/Brussels' } }));
const START_MS = Date.parse('2026-03-28T22:00:00Z');

function stateAfter(readings: number): MeterState {
  let state: MeterState | null = null;
  for (let seq = 1; seq <= readings; seq += 1) {
    const at = new Date(START_MS + seq * 60_000).toISOString();
    state = nextMeterState(
      state,
      {
        v: 1,
        meter: 'main',
        medium: 'electricity',
        role: 'grid',
        epoch: 'e1',
        seq,
        at,
        receivedAt: at,
        atSource: 'meter',
        quality: 'checked',
        powerW: 300 + ((seq * 37) % 700),
        energyImportWh: 1_000_000 + seq * 7,
      },
      site,
    ).state;
  }
  return state!;
}

const state = stateAfter(4_000);
const snapshot = toSnapshot(state, new Date(START_MS));
const withState = (packed: string) => ({ ...snapshot, state: packed });
const packed = (text: string): string => deflateRawSync(text).toString('base64');

test('a packed state is what the contract allows, a fifth of its size, and comes back whole', () => {
  const said = topics.analyzerSnapshot.row.payload.parse(JSON.parse(JSON.stringify(snapshot)));
  expect(JSON.stringify(said).length).toBeLessThan(JSON.stringify(state).length / 5);
  expect(JSON.stringify(fromSnapshot(said, site))).toBe(JSON.stringify(state));
});

test.each([
  ['no base64', '%%%', /^the saved state cannot be unpacked: /],
  ['cut off', (snapshot.state as string).slice(0, 400), /^the saved state cannot be unpacked: /],
  ['no JSON', packed('{"meter":'), /^the saved state cannot be unpacked: /],
  ['no object', packed('7'), /^the saved state is no object$/],
  ['nothing', packed('null'), /^the saved state is no object$/],
  ['a bomb', packed(' '.repeat(9 * 1024 * 1024)), /^the saved state cannot be unpacked: /],
])('a state that is %s is refused with the reason', (_, text, fault) => {
  expect(fromSnapshot(withState(text), site)).toEqual({ fault: expect.stringMatching(fault) });
});

test('a state of another reading than its snapshot is refused', () => {
  expect(fromSnapshot({ ...snapshot, seq: snapshot.seq + 1 }, site)).toEqual({
    fault: 'the saved state is of another reading than its snapshot',
  });
});
