import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  integratePower,
  startIntegral,
  type PowerIntegral,
} from '../src/ledger/power-integration.js';
import { amountsSoFar } from '../src/ledger/ledger.js';
import { analyse, readingAt } from './readings.js';

// A real meter: power every two seconds, the register once an hour (energy.md §1.6).
const corpus = resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus');
const file = resolve(corpus, 'timeseries/kaifa-2s-derived/kaifa_ma304h3e_2s_20170915.csv');
const testWithCorpus = existsSync(file) ? test : test.skip;
const HOUR_MS = 3_600_000;

interface Capture {
  readonly power: readonly Reading[];
  readonly registers: ReadonlyMap<number, number>;
}

function capture(): Capture {
  const power: Reading[] = [];
  const registers = new Map<number, number>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
    const [local, , powerW, , importWh] = line.split(',');
    const atMs = Date.parse(`${local}+02:00`);
    if (importWh) registers.set(atMs, Number(importWh));
    if (powerW) power.push(readingAt(atMs, { powerW: Number(powerW) }));
  }
  return { power, registers };
}

testWithCorpus('integrated power meets the hourly registers of a real meter within 0.22 %', () => {
  const { power, registers } = capture();
  // The register is sent ten seconds after the hour and holds what was used until then.
  const integrals = new Map<number, number>();
  let integral: PowerIntegral | null = null;
  for (const { at, powerW } of power) {
    const atMs = Date.parse(at);
    integral = integral ? integratePower(integral, atMs, powerW!) : startIntegral(atMs, powerW!);
    integrals.set(atMs, integral.importWms / HOUR_MS);
  }
  const errors = [...registers].slice(1).map(([atMs, value]) => {
    const counted = value - registers.get(atMs - HOUR_MS)!;
    return (integrals.get(atMs)! - integrals.get(atMs - HOUR_MS)!) / counted - 1;
  });
  expect(errors).toHaveLength(12);
  for (const error of errors) expect(Math.abs(error)).toBeLessThan(0.00225);
  expect(errors.reduce((sum, error) => sum + Math.abs(error), 0) / 12).toBeLessThan(0.00075);
});

testWithCorpus('the peak quarter-hour of the real meter is 2.851 kW at 08:30', () => {
  const { peaks } = analyse(capture().power).state.demand!;
  expect(peaks).toHaveLength(1);
  expect(peaks[0]!.peakW).toBeGreaterThanOrEqual(2848);
  expect(peaks[0]!.peakW).toBeLessThanOrEqual(2854);
  expect(peaks[0]!.atMs).toBe(Date.parse('2017-09-15T08:30:00+02:00'));
});

testWithCorpus('the hourly registers alone book every watt-hour', () => {
  const { registers } = capture();
  const readings = [...registers].map(([atMs, energyImportWh]) =>
    readingAt(atMs, { energyImportWh }),
  );
  const { ledger } = analyse(readings).state;
  const values = [...registers.values()];
  expect(amountsSoFar(ledger, ledger.books!.day)).toEqual({
    importWh: values.at(-1)! - values[0]!,
  });
});
