import {
  allHolidaysOf,
  createCalendar,
  ordinaryDays,
  type ChosenTariff,
  type Component,
  type DayTypes,
  type PlannedTariff,
  type Tariff,
  type TariffPlan,
} from '@wattbus/tariffs';
import { fileChoice, shippedChoice, type FoundTariff } from './tariff-files.js';
import { flatDefaults, type TariffChoice } from './tariff-schema.js';

/** What is wrong with a tariff that is named: with its file, or with a field of the choice. */
export interface ChoiceFault {
  /** Of the tariff file; null where the choice itself is wrong. */
  readonly where: string | null;
  readonly path: readonly string[];
  readonly message: string;
}

/** Faults of a choice that only show when its tariff is looked up. */
export function faultsOfChoice(choice: TariffChoice, zone: string): ChoiceFault[] {
  const found = findChoice(choice);
  if (found === null) return [];
  const name = choice.use === undefined ? 'file' : 'use';
  if (found.ok) {
    const message = zoneFault(found.chosen.zone, zone);
    return message === null ? [] : [{ where: null, path: [name], message }];
  }
  switch (found.fault) {
    case 'name': {
      const message = `there is no tariff "${choice.use}"; there are: ${found.names.join(', ')}`;
      return [{ where: null, path: [name], message }];
    }
    case 'input':
      return found.faults.map(({ path, message }) => ({
        where: null,
        path: ['set', ...path.map(String)],
        message,
      }));
    case 'file':
      return found.faults.map(({ where, field, message }) => ({
        where,
        path: field === '' ? [] : field.split('.'),
        message,
      }));
  }
}

/** Days and hours of a tariff are those of the site: its clock has to be the same. */
function zoneFault(ofTariff: string, ofSite: string): string | null {
  const [tariff, site] = [createCalendar(ofTariff), createCalendar(ofSite)];
  const differs = ['2026-01-15', '2026-07-15'].some(
    (day) => tariff.dayNamed(day)?.startMs !== site.dayNamed(day)?.startMs,
  );
  return differs
    ? `its hours are those of ${ofTariff}, but site.zone is ${ofSite}: set site.zone`
    : null;
}

function findChoice({ use, file, set = {} }: TariffChoice): FoundTariff | null {
  if (use !== undefined) return shippedChoice(use, set);
  return file === undefined ? null : fileChoice(file, set);
}

/** The tariffs of a configuration that was checked. */
export async function loadTariffPlan(choices: readonly TariffChoice[]): Promise<TariffPlan> {
  return Promise.all(choices.map(plannedTariff));
}

async function plannedTariff(choice: TariffChoice): Promise<PlannedTariff> {
  const from = choice.from === undefined ? {} : { from: choice.from };
  const found = findChoice(choice);
  if (found === null) return { ...from, tariff: flatTariff(choice), dayTypes: ordinaryDays };
  const chosen = orThrow(found);
  return { ...from, tariff: chosen.tariff, dayTypes: await dayTypesOf(chosen) };
}

/** The currency of the tariff that counts last. */
export function currencyOf(choices: readonly TariffChoice[]): string {
  const last = choices.at(-1) ?? {};
  const found = findChoice(last);
  return found === null ? flatTariff(last).currency : orThrow(found).tariff.currency;
}

function orThrow(found: FoundTariff): ChosenTariff {
  if (found.ok) return found.chosen;
  throw new Error('the tariff of the configuration cannot be read; `npx wattbus check-config`');
}

export function flatTariff(choice: TariffChoice): Tariff {
  const given = { ...flatDefaults, ...choice };
  const components: Component[] = [
    { id: 'import', kind: 'flat', direction: 'import', pricePerKWh: given.importPricePerKWh },
    { id: 'export', kind: 'flat', direction: 'export', pricePerKWh: given.exportPricePerKWh },
    { id: 'day', kind: 'fixed', per: 'day', amount: given.fixedPerDay },
    { id: 'month', kind: 'fixed', per: 'month', amount: given.fixedPerMonth },
  ];
  const { name, currency, vatPercent } = given;
  return { name, currency, vat: vatPercent / 100, components };
}

/** The holidays of every year, and the lists of days that the tariff has. */
export async function dayTypesOf({ holidays, lists }: ChosenTariff): Promise<DayTypes> {
  if (holidays === undefined) return { holidays: new Set(), lists };
  if ('dates' in holidays) return { holidays: new Set(holidays.dates), lists };
  return { holidays: await allHolidaysOf(holidays.country), lists };
}
