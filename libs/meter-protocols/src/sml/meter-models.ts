import type { ServerId } from './server-id.js';

/**
 * Work-arounds for what single models do against the standard. Each names its evidence and is
 * limited to the models that are known for it: meters of the same maker do it right.
 */

interface SerialRange {
  readonly manufacturer: string;
  readonly first: number;
  readonly last: number;
  /** Only where the list has no export register: a one-way meter cannot mean a negative power. */
  readonly oneWayOnly: boolean;
}

/**
 * DZG DVS74 and DWS74 write a positive power of 327.68 W to 655.35 W, which needs an Integer of
 * three bytes at scaler −2, into two: 356.24 W reads as −299.12 W. Real negatives always have four.
 *
 * The ranges are those that DZG named to the authors of libsml as reserved for the DVS74. Outside
 * of them DVS7420, DVBS12.2H, DVS7612.2 and DWSB20.2 send real negatives in two bytes. The last
 * range is that of the one-way WS74, of which captures show the same.
 */
const powersWithoutSign: readonly SerialRange[] = [
  { manufacturer: 'DZG', first: 42_000_000, last: 48_999_999, oneWayOnly: false },
  { manufacturer: 'DZG', first: 55_000_000, last: 58_999_999, oneWayOnly: false },
  { manufacturer: 'DZG', first: 50_000_000, last: 50_999_999, oneWayOnly: true },
];

/** The widest Integer, in bytes, that such a meter fills without leaving room for the sign. */
export const signlessBytesMax = 2;

export type SignRule = 'none' | 'signless' | 'signless if one-way';

export function signRuleOf({ meter, serial }: ServerId): SignRule {
  if (serial === null) return 'none';
  const range = powersWithoutSign.find(
    ({ manufacturer, first, last }) =>
      meter.manufacturer === manufacturer && serial >= first && serial <= last,
  );
  if (!range) return 'none';
  return range.oneWayOnly ? 'signless if one-way' : 'signless';
}

/**
 * EMH ED300L, eHZ-H and their kind (also sold by Hager) give the size of the power only; which way
 * it flows is bit 5 of the status word of 1.8.0 (FNN Lastenheft EDL 1.0, §5.1.4: 0x182 and 0x1A2).
 * Other makers use the bit otherwise, and newer EMH meters give a signed power besides.
 */
export const exportStatusBit = 0x20;
const directionInStatus = new Set(['EMH', 'HAG']);

export const tellsDirectionInStatus = (manufacturer: string | undefined): boolean =>
  manufacturer !== undefined && directionInStatus.has(manufacturer);
