import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newHouse, type House } from './domain/house.js';

const VERSION = 1;
/** More than the house can use between two saves, so that no register falls after a crash. */
const MARGIN_MWH = 100_000;

/** The house of the last run, or a new one; a real meter's registers outlive a power cut, too. */
export function loadHouse(dataDir: string, seed: number, atMs: number): House {
  try {
    const kept = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as {
      v: number;
      seed: number;
      house: House;
    };
    if (kept.v !== VERSION || kept.seed !== seed) return newHouse(seed, atMs);
    const { house } = kept;
    return {
      ...house,
      importMWh: [house.importMWh[0] + MARGIN_MWH, house.importMWh[1]],
      exportMWh: [house.exportMWh[0] + MARGIN_MWH, house.exportMWh[1]],
    };
  } catch {
    return newHouse(seed, atMs);
  }
}

export function saveHouse(dataDir: string, seed: number, house: House): void {
  const file = fileIn(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify({ v: VERSION, seed, house }), { flush: true });
  renameSync(`${file}.new`, file);
}

const fileIn = (dataDir: string): string => join(dataDir, 'simulated-house.json');
