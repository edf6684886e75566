import { z } from 'zod';

/** Settings of a flat tariff of one's own, and what counts where they are left out. */
export const flatDefaults = {
  name: 'flat',
  currency: 'EUR',
  importPricePerKWh: 0.3,
  exportPricePerKWh: 0,
  fixedPerDay: 0,
  fixedPerMonth: 0,
  vatPercent: 0,
} as const;

const byDefault = (name: keyof typeof flatDefaults): string => `Default: ${flatDefaults[name]}.`;

const TariffChoice = z.object({
  from: z.iso
    .date()
    .optional()
    .describe('First local day on which it counts; a list of tariffs has it from its second on.'),
  use: z
    .string()
    .optional()
    .describe('Name of a shipped tariff, as listed by `npx wattbus tariffs`.'),
  file: z.string().optional().describe('Tariff file of your own, seen from this file’s folder.'),
  set: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .describe('Inputs of the tariff, as docs/tariffs.md lists them.'),
  name: z
    .string()
    .optional()
    .describe(`In place of use and file: a flat tariff. ${byDefault('name')}`),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR or KRW')
    .optional()
    .describe(byDefault('currency')),
  importPricePerKWh: z
    .number()
    .optional()
    .describe(`Without VAT. ${byDefault('importPricePerKWh')}`),
  exportPricePerKWh: z
    .number()
    .optional()
    .describe(`Credit for energy fed in, without VAT. ${byDefault('exportPricePerKWh')}`),
  fixedPerDay: z
    .number()
    .nonnegative()
    .optional()
    .describe(`Standing charge, without VAT. ${byDefault('fixedPerDay')}`),
  fixedPerMonth: z.number().nonnegative().optional().describe(byDefault('fixedPerMonth')),
  vatPercent: z.number().min(0).max(100).optional().describe(byDefault('vatPercent')),
});
export type TariffChoice = z.output<typeof TariffChoice>;

const CHANGES_MAX = 100;

/** One tariff, or several that follow each other: a change never prices the past anew. */
export const Tariffs = z
  .union([TariffChoice, z.array(TariffChoice).min(1).max(CHANGES_MAX)])
  .transform((given): TariffChoice[] => (Array.isArray(given) ? given : [given]));

interface Wrong {
  readonly index: number;
  readonly field: keyof TariffChoice;
  readonly message: string;
}

/** What more than one field shows to be wrong. */
export function wrongInTariffs(choices: readonly TariffChoice[]): Wrong[] {
  return choices.flatMap((choice, index) => [
    ...wrongFields(choice).map((wrong) => ({ index, ...wrong })),
    ...wrongDate(choices, index),
  ]);
}

function wrongFields(choice: TariffChoice): Omit<Wrong, 'index'>[] {
  const { use, file, set } = choice;
  if (use !== undefined && file !== undefined) {
    return [{ field: 'file', message: 'give either use or file' }];
  }
  if (use === undefined && file === undefined) {
    const message = 'belongs to a tariff with use or file';
    return set === undefined ? [] : [{ field: 'set', message }];
  }
  return (Object.keys(flatDefaults) as (keyof typeof flatDefaults)[])
    .filter((field) => choice[field] !== undefined)
    .map((field) => ({ field, message: 'belongs to a flat tariff, without use and file' }));
}

function wrongDate(choices: readonly TariffChoice[], index: number): Wrong[] {
  if (index === 0) return [];
  const [before, { from }] = [choices[index - 1]!.from, choices[index]!];
  if (from === undefined) {
    return [{ index, field: 'from', message: 'is needed from the second tariff on' }];
  }
  const late = before !== undefined && from <= before;
  return late ? [{ index, field: 'from', message: `must be after ${before}` }] : [];
}
