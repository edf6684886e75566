import { z } from 'zod';
import { capWith } from './components/cap.js';
import { capacityWith } from './components/capacity.js';
import { discountWith } from './components/discount.js';
import { dynamicWith } from './components/dynamic.js';
import { fixedWith } from './components/fixed.js';
import { flatWith } from './components/flat.js';
import { percentOfWith } from './components/percent-of.js';
import { tieredBaseWith, tieredWith } from './components/tiered.js';
import { touWith } from './components/tou.js';
import { roundingNames } from './rounding.js';
import { nettings } from './usage.js';

/** A value that the customer brings, or that depends on one. */
const Reference = z.union([
  z
    .strictObject({ input: z.string(), times: z.number().optional() })
    .describe('An input of the tariff, multiplied where `times` says so.'),
  z
    .strictObject({ by: z.string(), values: z.record(z.string(), z.number()) })
    .describe('A table by the choice that an input makes.'),
]);

const Amount = z.union([z.number(), Reference]);
const Given = z.union([z.string(), z.number()]);

const whenShape = {
  /** Counts only where these inputs have this value, or one of these. */
  when: z.record(z.string(), z.union([Given, z.array(Given).min(1)])).optional(),
};

export const componentKindNames = [
  'flat',
  'tou',
  'dynamic',
  'tiered',
  'tiered-base',
  'fixed',
  'capacity',
  'percent-of',
  'cap',
  'discount',
] as const;

/** A component whose amounts may be taken from inputs. */
export const FileComponent = z.discriminatedUnion(
  'kind',
  [
    flatWith(Amount).extend(whenShape),
    touWith(Amount).extend(whenShape),
    dynamicWith(Amount).extend(whenShape),
    tieredWith(Amount).extend(whenShape),
    tieredBaseWith(Amount).extend(whenShape),
    fixedWith(Amount).extend(whenShape),
    capacityWith(Amount).extend(whenShape),
    percentOfWith(Amount).extend(whenShape),
    capWith(Amount).extend(whenShape),
    discountWith(Amount).extend(whenShape),
  ],
  { error: `unknown kind of component; there are ${componentKindNames.join(', ')}` },
);
export type FileComponent = z.infer<typeof FileComponent>;

const Input = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('number'),
    about: z.string(),
    /** Optional where left out. */
    default: z.number().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('choice'),
    about: z.string(),
    choices: z.array(z.string()).min(1).max(100),
    default: z.string(),
  }),
  z.strictObject({
    type: z.literal('dates').describe('A list of days that rules of time may name.'),
    about: z.string(),
    default: z.array(z.iso.date()).max(4000).default([]),
  }),
]);
export type Input = z.infer<typeof Input>;

const Version = z.strictObject({
  validFrom: z.iso.date().describe('First local day.'),
  validTo: z.iso.date().optional().describe('First local day that no longer counts.'),
  source: z.string().min(1).describe('Who published these numbers, and where.'),
  sourceDate: z.iso.date().describe('When they were published or read.'),
  note: z.string().optional(),
  vat: z.number().min(0).max(1).optional(),
  components: z.array(FileComponent).min(1).max(200),
});
export type TariffVersion = z.infer<typeof Version>;

const Name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be words of a-z and 0-9 with -');

/** A file of `config/tariffs`: the versions of one tariff, and what it asks of the customer. */
export const TariffFile = z.strictObject({
  name: Name.max(64),
  title: z.string().min(1).max(200),
  about: z.string().min(1).describe('What it covers, and what in it is only an example.'),
  country: z.string().regex(/^[A-Z]{2}$/),
  zone: z.string().min(1).describe('IANA time zone of its days and hours.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
  vat: z.number().min(0).max(1).default(0),
  rounding: z.enum(roundingNames).optional(),
  totalRounding: z.enum(roundingNames).optional(),
  billing: z.enum(['any', 'month']).optional(),
  energyStepWh: z.int().min(1).max(100_000).optional(),
  netting: z.union([z.enum(nettings), z.strictObject({ input: z.string() })]).optional(),
  holidays: z
    .union([
      z.strictObject({ country: z.string().describe('BE, DE-BW …, by date-holidays.') }),
      z.strictObject({ dates: z.array(z.iso.date()).max(4000) }),
    ])
    .optional(),
  inputs: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/), Input).default({}),
  presets: z
    .record(Name, z.strictObject({ title: z.string(), set: z.record(z.string(), Given) }))
    .optional()
    .describe('Tariffs that this file stands for: names, each with its inputs.'),
  definitions: z.unknown().optional().describe('Home for YAML anchors; means nothing itself.'),
  versions: z.array(Version).min(1).max(100),
});
export type TariffFile = z.infer<typeof TariffFile>;

/** The names that a file answers to. */
export const namesOf = ({ name, presets }: TariffFile): string[] =>
  presets ? Object.keys(presets) : [name];

/** For editors: `# yaml-language-server: $schema=…`. */
export const tariffJsonSchema = (): unknown => ({
  title: 'Wattbus tariff',
  ...z.toJSONSchema(TariffFile, { io: 'input', reused: 'ref' }),
});
