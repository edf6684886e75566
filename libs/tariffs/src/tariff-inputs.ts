import { exact, times, toNumber } from './exact.js';
import type { Input, TariffFile } from './tariff-file.js';

export type GivenValues = Readonly<Record<string, string | number>>;
export type InputValues = Readonly<Record<string, number | string | readonly string[]>>;

/** Something that a person has to put right. `path` leads to it in the file, or is the input. */
export interface TariffFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The values of a tariff's inputs: what is given, and the defaults of the rest. */
export function inputValues(
  { inputs, name }: Pick<TariffFile, 'inputs' | 'name'>,
  given: GivenValues,
): { values: InputValues; faults: TariffFault[] } {
  const faults: TariffFault[] = [];
  const values: Record<string, number | string | readonly string[]> = {};
  for (const key of Object.keys(given).filter((one) => !(one in inputs))) {
    const known = Object.keys(inputs).join(', ') || 'none';
    faults.push({ path: [key], message: `${name} has no input ${key}; it has: ${known}` });
  }
  for (const [key, input] of Object.entries(inputs)) {
    const value = given[key];
    const read = value === undefined ? input.default : valueOf(input, String(value));
    if (read instanceof Error) faults.push({ path: [key], message: `${key}: ${read.message}` });
    else if (read !== undefined) values[key] = read;
  }
  return { values, faults };
}

function valueOf(input: Input, text: string): number | string | string[] | Error {
  switch (input.type) {
    case 'number':
      return numberOf(input, text);
    case 'choice':
      return input.choices.includes(text)
        ? text
        : new Error(`must be one of ${input.choices.join(', ')}, not "${text}"`);
    case 'dates': {
      const days = text.split(',').filter((day) => day !== '');
      const wrong = days.find((day) => !isDay(day));
      return wrong === undefined ? days : new Error(`"${wrong}" is not a day such as 2026-01-31`);
    }
  }
}

function numberOf(
  { min = -Infinity, max = Infinity }: Extract<Input, { type: 'number' }>,
  text: string,
): number | Error {
  if (!/^-?\d+(\.\d+)?$/.test(text))
    return new Error(`must be a number such as 12.5, not "${text}"`);
  const value = Number(text);
  if (value < min) return new Error(`must not be below ${min}`);
  return value > max ? new Error(`must not be above ${max}`) : value;
}

function isDay(text: string): boolean {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Replaces every reference to an input by its value; what has none is left out. */
export function resolved(value: unknown, inputs: InputValues): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, inputs));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (typeof fields['input'] === 'string') return scaled(inputs[fields['input']], fields['times']);
  if (typeof fields['by'] === 'string' && 'values' in fields) {
    return (fields['values'] as Record<string, number>)[String(inputs[fields['by']])];
  }
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, resolved(field, inputs)]),
  );
}

const scaled = (value: unknown, factor: unknown): unknown =>
  typeof value === 'number' && typeof factor === 'number'
    ? toNumber(times(exact(value), exact(factor)))
    : value;

/** Whether the inputs have the values that a component asks for. */
export const isMet = (when: Record<string, unknown> | undefined, inputs: InputValues): boolean =>
  Object.entries(when ?? {}).every(([key, wanted]) =>
    wantedValues(wanted).includes(String(inputs[key])),
  );

export const wantedValues = (wanted: unknown): string[] =>
  (Array.isArray(wanted) ? wanted : [wanted]).map(String);
