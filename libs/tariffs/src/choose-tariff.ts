import { Component } from './component-kinds.js';
import { counts, withoutWhen } from './read-tariff-file.js';
import { Tariff } from './tariff.js';
import type { FileComponent, TariffFile, TariffVersion } from './tariff-file.js';
import {
  inputValues,
  resolved,
  type GivenValues,
  type InputValues,
  type TariffFault,
} from './tariff-inputs.js';

/** A tariff with its inputs settled, ready to be reckoned with. */
export interface ChosenTariff {
  readonly tariff: Tariff;
  readonly zone: string;
  readonly holidays: TariffFile['holidays'];
  /** Lists of days by name. */
  readonly lists: Readonly<Record<string, ReadonlySet<string>>>;
}

export type ChooseTariff =
  | { readonly ok: true; readonly chosen: ChosenTariff }
  | { readonly ok: false; readonly faults: readonly TariffFault[] };

/** The tariff of a name of the file, or of the file itself, with what the customer gives. */
export function chooseTariff(
  file: TariffFile,
  name: string,
  given: GivenValues = {},
): ChooseTariff {
  const preset = file.presets?.[name];
  const { values, faults } = inputValues(file, { ...preset?.set, ...given });
  if (faults.length > 0) return { ok: false, faults };
  const components: Component[] = [];
  for (const version of file.versions) {
    for (const component of version.components) {
      if (!counts(component, values)) continue;
      const parsed = Component.safeParse(withoutWhen(resolved(component, values)));
      if (!parsed.success) return { ok: false, faults: [missingFault(component, file, values)] };
      components.push(dated(parsed.data, version));
    }
  }
  const lists = Object.entries(values).flatMap(([key, value]): [string, Set<string>][] =>
    Array.isArray(value) ? [[key, new Set(value as readonly string[])]] : [],
  );
  return {
    ok: true,
    chosen: {
      tariff: tariffOf(file, components, values),
      zone: file.zone,
      holidays: file.holidays,
      lists: Object.fromEntries(lists),
    },
  };
}

const tariffOf = (file: TariffFile, components: Component[], values: InputValues): Tariff =>
  Tariff.parse({
    name: file.name,
    currency: file.currency,
    vat: file.vat,
    rounding: file.rounding,
    totalRounding: file.totalRounding,
    billing: file.billing,
    energyStepWh: file.energyStepWh,
    netting: resolved(file.netting, values),
    validFrom: file.versions[0]?.validFrom,
    validTo: file.versions.at(-1)?.validTo,
    components,
  });

/** A component counts within its version, and never outside. */
function dated(component: Component, { validFrom, validTo, vat }: TariffVersion): Component {
  const from = component.validFrom ?? validFrom;
  const to = component.validTo ?? validTo ?? '9999-12-31';
  return {
    ...component,
    validFrom: from > validFrom ? from : validFrom,
    ...(validTo !== undefined || component.validTo !== undefined
      ? { validTo: validTo !== undefined && to > validTo ? validTo : to }
      : {}),
    ...(component.vat === undefined && vat !== undefined ? { vat } : {}),
  };
}

/** The checks of the file leave only this: an input without default that nobody gave. */
function missingFault(
  component: FileComponent,
  { inputs }: TariffFile,
  values: InputValues,
): TariffFault {
  const missing = Object.keys(inputs).filter((name) => !(name in values));
  return {
    path: missing.slice(0, 1),
    message: `"${component.id}" needs ${missing.join(' or ') || 'other inputs'}`,
  };
}
