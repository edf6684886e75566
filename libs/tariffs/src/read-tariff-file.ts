import { isZone } from './calendar.js';
import { Component, kindOf } from './component-kinds.js';
import { knownDays } from './day-types.js';
import { TariffFile, type FileComponent, type TariffVersion } from './tariff-file.js';
import {
  inputValues,
  isMet,
  resolved,
  wantedValues,
  type InputValues,
  type TariffFault,
} from './tariff-inputs.js';

export type ReadTariffFile =
  | { readonly ok: true; readonly file: TariffFile }
  | { readonly ok: false; readonly faults: readonly TariffFault[] };

/** Checks a parsed file whole: the result holds every fault, each with its path. */
export function readTariffFile(value: unknown): ReadTariffFile {
  const parsed = TariffFile.safeParse(value);
  if (!parsed.success) {
    return {
      ok: false,
      faults: parsed.error.issues.map(({ path, message }) => ({
        path: path.map((key) => (typeof key === 'symbol' ? String(key) : key)),
        message,
      })),
    };
  }
  const file = parsed.data;
  const faults = [
    ...(isZone(file.zone) ? [] : [{ path: ['zone'], message: `unknown time zone ${file.zone}` }]),
    ...dateFaults(file.versions),
    ...presetFaults(file),
    ...file.versions.flatMap((version, i) => versionFaults(version, file, ['versions', i])),
  ];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, file };
}

/** Versions must follow each other without a day between them or a day twice. */
function dateFaults(versions: readonly TariffVersion[]): TariffFault[] {
  return versions.flatMap(({ validFrom, validTo }, i) => {
    const path = ['versions', i, 'validFrom'];
    if (validTo !== undefined && validTo <= validFrom) {
      return [{ path: ['versions', i, 'validTo'], message: `must be after ${validFrom}` }];
    }
    const before = versions[i - 1];
    if (!before) return [];
    const end = before.validTo;
    if (end === undefined) {
      const message = `overlap: the version before, from ${before.validFrom}, has no end`;
      return [{ path, message }];
    }
    if (end < validFrom) {
      return [{ path, message: `gap: nothing counts from ${end} until ${validFrom}` }];
    }
    return end > validFrom
      ? [{ path, message: `overlap: the version before counts until ${end}` }]
      : [];
  });
}

function presetFaults(file: TariffFile): TariffFault[] {
  return Object.entries(file.presets ?? {}).flatMap(([name, { set }]) =>
    inputValues(file, set).faults.map(({ path, message }) => ({
      path: ['presets', name, 'set', ...path],
      message,
    })),
  );
}

type Path = readonly (string | number)[];

function versionFaults(version: TariffVersion, file: TariffFile, path: Path): TariffFault[] {
  const above = new Set<string>();
  return version.components.flatMap((component, i) => {
    const at = [...path, 'components', i];
    const faults = [
      ...referenceFaults(component, file, at),
      ...dayFaults(component, file, at),
      ...lineFaults(component, above, at),
      ...twiceFaults(version, i, at),
    ];
    above.add(component.id);
    return faults.length > 0 ? faults : valueFaults(component, file, at);
  });
}

/** References to inputs that the file does not have, and tables that leave a choice out. */
function referenceFaults(value: unknown, file: TariffFile, path: Path): TariffFault[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Record<string, unknown>;
  const wanted = [fields['input'], fields['by'], ...Object.keys(fields['when'] ?? {})];
  const faults = wanted
    .filter((name): name is string => typeof name === 'string' && !(name in file.inputs))
    .map((name) => ({ path, message: `the file has no input "${name}"` }));
  const input = typeof fields['by'] === 'string' ? file.inputs[fields['by']] : undefined;
  if (input?.type === 'choice') {
    const missing = input.choices.filter((choice) => !(choice in Object(fields['values'])));
    if (missing.length > 0) faults.push({ path, message: `no value for ${missing.join(', ')}` });
  }
  const inner = Object.entries(fields).filter(([key]) => key !== 'when');
  return [
    ...faults,
    ...inner.flatMap(([key, field]) =>
      referenceFaults(field, file, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

/** Days of rules that are neither weekdays nor one of the file's lists. */
function dayFaults(component: FileComponent, file: TariffFile, path: Path): TariffFault[] {
  const rules = {
    ...pick(component, 'rules'),
    ...pick(component, 'adders'),
    ...pick(component, 'weights'),
  };
  const isKnown = (day: string): boolean =>
    knownDays.has(day) || file.inputs[day]?.type === 'dates';
  return Object.entries(rules).flatMap(([field, list]) =>
    list.flatMap(({ days = [] }, i) =>
      days
        .filter((day) => !isKnown(day))
        .map((day) => ({
          path: [...path, field, i, 'days'],
          message: `"${day}" is no weekday, not "holiday" and no input of dates`,
        })),
    ),
  );
}

interface DayRule {
  readonly days?: readonly string[] | undefined;
}

const pick = (component: FileComponent, field: string): Record<string, readonly DayRule[]> => {
  const list = (component as Record<string, unknown>)[field];
  return Array.isArray(list) ? { [field]: list as readonly DayRule[] } : {};
};

/** Lines that others are reckoned from have to stand above them. */
function lineFaults(
  component: FileComponent,
  above: ReadonlySet<string>,
  path: Path,
): TariffFault[] {
  const lines = { of: listOf(component, 'of'), insteadOf: listOf(component, 'insteadOf') };
  return Object.entries(lines).flatMap(([field, ids]) =>
    ids
      .map((id, i) => ({ id, path: [...path, field, i] }))
      .filter(({ id }) => !above.has(id))
      .map(({ id, path: at }) => ({ path: at, message: `no line "${id}" stands above this one` })),
  );
}

const listOf = (component: FileComponent, field: string): readonly string[] => {
  const list = (component as Record<string, unknown>)[field];
  return Array.isArray(list) ? (list as readonly string[]) : [];
};

/** Entries of one line must never count on the same day. */
function twiceFaults({ components }: TariffVersion, index: number, path: Path): TariffFault[] {
  const own = components[index] as FileComponent;
  return components.slice(0, index).flatMap((other) => {
    if (other.id !== own.id) return [];
    return canMeet(own, other)
      ? [{ path: [...path, 'id'], message: `overlap: "${own.id}" above counts on the same days` }]
      : [];
  });
}

function canMeet(a: FileComponent, b: FileComponent): boolean {
  const [from, to] = [later(a.validFrom, b.validFrom), sooner(a.validTo, b.validTo)];
  if (from !== undefined && to !== undefined && from >= to) return false;
  if (a.months && b.months && !a.months.some((month) => b.months?.includes(month))) return false;
  return Object.entries(a.when ?? {}).every(([key, wanted]) => {
    const others = b.when?.[key];
    if (others === undefined) return true;
    return wantedValues(wanted).some((value) => wantedValues(others).includes(value));
  });
}

const later = (a?: string, b?: string): string | undefined => ((a ?? '') > (b ?? '') ? a : b);
const sooner = (a?: string, b?: string): string | undefined => ((a ?? '~') < (b ?? '~') ? a : b);

/** What only shows once the amounts are there. */
function valueFaults(component: FileComponent, file: TariffFile, path: Path): TariffFault[] {
  const parsed = Component.safeParse(withoutWhen(resolved(component, sampleValues(file))));
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => ({
      path: [...path, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))],
      message: issue.message,
    }));
  }
  return (kindOf(parsed.data).faultsOf?.(parsed.data) ?? []).map((fault) => ({
    ...fault,
    path: [...path, ...fault.path],
  }));
}

/** Defaults, and something for what has none. */
const sampleValues = (file: TariffFile): InputValues => ({
  ...Object.fromEntries(Object.keys(file.inputs).map((name) => [name, 1])),
  ...inputValues(file, {}).values,
});

/** A component as the engine knows it: what it depends on is settled. */
export function withoutWhen(component: unknown): unknown {
  return Object.fromEntries(
    Object.entries(component as Record<string, unknown>).filter(([key]) => key !== 'when'),
  );
}

export const counts = (component: FileComponent, inputs: InputValues): boolean =>
  isMet(component.when, inputs);
