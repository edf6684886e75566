import type { BundledRole } from './bundles.js';

/** What a process does at the moment of its end. */
export const killPlaces = ['write', 'sync', 'rename', 'remove', 'send'] as const;
export type KillPlace = (typeof killPlaces)[number];
/** Not yet; half of the bytes are out; all is done but nobody knows. */
export const killPhases = ['before', 'torn', 'after'] as const;
export type KillPhase = (typeof killPhases)[number];

/** The `nth` time that a life comes to the place is its last. */
export interface KillPoint {
  readonly place: KillPlace;
  readonly nth: number;
  readonly phase: KillPhase;
}

export const writeKillPoint = ({ place, nth, phase }: KillPoint): string =>
  `${place} ${nth} ${phase}`;

export function parseKillPoint(text: string): KillPoint | null {
  const [place, nth, phase] = text.split(' ');
  if (!isOneOf(killPlaces, place) || !isOneOf(killPhases, phase) || !(Number(nth) > 0)) return null;
  return { place, nth: Number(nth), phase };
}

const isOneOf = <T extends string>(all: readonly T[], one: string | undefined): one is T =>
  all.includes(one as T);

/** Where each service can end, how often relative to the others, and how late in a life at most. */
const placesOf: Readonly<Record<BundledRole, readonly Readonly<[KillPlace, number, number]>[]>> = {
  // The files of the journal: writes of readings and of new segments, syncs, torn ends cut off.
  'meter-ingest': [
    ['write', 4, 60],
    ['sync', 4, 60],
    ['remove', 1, 1],
    ['send', 3, 300],
  ],
  // The files of the retained messages are written once a second, and made anew at a start.
  broker: [
    ['write', 2, 8],
    ['sync', 2, 8],
    ['rename', 1, 1],
    ['send', 3, 600],
  ],
  analyzer: [['send', 1, 200]],
  historian: [['send', 1, 200]],
};

/** A place for the next life of a service; `chance` gives numbers from 0 to 1. */
export function killPointOf(role: BundledRole, chance: () => number): KillPoint {
  const places = placesOf[role];
  let rest = chance() * places.reduce((sum, [, weight]) => sum + weight, 0);
  const [place, , nthMax] = places.find(([, weight]) => (rest -= weight) < 0) ?? places.at(-1)!;
  const nth = 1 + Math.floor(chance() * nthMax);
  return { place, nth, phase: killPhases[Math.floor(chance() * killPhases.length)]! };
}
