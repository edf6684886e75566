import {
  METER_ID_LENGTH_MAX,
  type Medium,
  type Reading,
  type Role,
  type Telegram,
} from '@wattbus/energy-model';
import { measurementsOf, type Measurement } from '@wattbus/meter-protocols';
import { channelNames, type Source } from './channel-names.js';

export type ReadingDraft = Omit<Reading, 'epoch' | 'seq'>;

/** The newest capture time of each meter behind another one (ISO 8601), by its name. */
export type CapturedAt = ReadonlyMap<string, string>;

const mediumOfRole: Readonly<Partial<Record<Role, Medium>>> = {
  gas: 'gas',
  water: 'water',
  heat: 'heat',
};

/**
 * A telegram's readings: one of the meter itself, and one of each M-Bus meter behind it that has
 * been read anew since its last reading. (A telegram repeats their last value every second.)
 */
export function draftsOf(
  telegram: Telegram,
  source: Source,
  receivedAt: string,
  captured: CapturedAt,
): readonly ReadingDraft[] {
  const measurements = measurementsOf(telegram);
  const names = channelNames(measurements, source);
  return measurements.flatMap((measurement) => {
    if (measurement.subject === 'main')
      return [mainDraft(measurement, telegram, source, receivedAt)];
    const named = names.get(measurement.subject)!;
    if (measurement.at !== null && !isLater(measurement.at, captured.get(named.meter))) return [];
    return [{ ...draft({ meterId: undefined, ...measurement }, telegram, receivedAt), ...named }];
  });
}

type Stated = Omit<Measurement, 'meterId'> & { readonly meterId: string | undefined };

function mainDraft(
  measurement: Measurement,
  telegram: Telegram,
  { name, role }: Source,
  receivedAt: string,
): ReadingDraft {
  const medium = mediumOfRole[role] ?? measurement.medium;
  const ofMain = { ...measurement, meterId: telegram.meter.id ?? measurement.meterId };
  return { ...draft(ofMain, telegram, receivedAt), meter: name, medium, role };
}

function draft(
  { at, medium, measured, meterId, demandImportPeakMonthAt }: Stated,
  { checked }: Telegram,
  receivedAt: string,
): Omit<ReadingDraft, 'meter' | 'role'> {
  const stated = at !== null && isPlausible(at, receivedAt) ? at : null;
  return {
    v: 1,
    medium,
    at: stated ?? receivedAt,
    receivedAt,
    atSource: stated === null ? 'received' : 'meter',
    quality: checked ? 'checked' : 'unchecked',
    // One wrong digit would be another meter.
    ...(checked && isSerial(meterId) ? { meterId } : {}),
    ...measured,
    ...(demandImportPeakMonthAt === undefined ? {} : { demandImportPeakMonthAt }),
  };
}

const isSerial = (id: string | undefined): id is string =>
  id !== undefined && id.length > 0 && id.length <= METER_ID_LENGTH_MAX;

/** No smart meter spoke before; a clock that lost its battery begins in 1970 or 2000. */
const EARLIEST_MS = Date.UTC(2001, 0);
const AHEAD_MS_MAX = 31 * 86_400_000;

/**
 * Meter time never goes back, so that one telegram from the year 9999 would drag every later
 * reading there. A clock may be a month ahead (simulators are); beyond that ours is taken.
 */
const isPlausible = (at: string, receivedAt: string): boolean => {
  const atMs = Date.parse(at);
  return atMs >= EARLIEST_MS && atMs <= Date.parse(receivedAt) + AHEAD_MS_MAX;
};

const isLater = (at: string, than: string | undefined): boolean =>
  than === undefined || Date.parse(at) > Date.parse(than);
