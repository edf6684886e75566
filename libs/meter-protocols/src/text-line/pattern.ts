import { quantities, type QuantityName, type Unit } from '@wattbus/energy-model';

/** Which number of a line is what: a named group stands for a quantity, in a unit. */
export interface LinePattern {
  readonly expression: RegExp;
  readonly groups: readonly LineGroup[];
}

export interface LineGroup {
  /** As it stands in the expression. */
  readonly name: string;
  readonly quantity: QuantityName;
  readonly unit: Unit | `k${Unit}`;
}

/** A lone whole number is the import register: a register survives lines that got lost. */
export const defaultPattern = String.raw`^\s*(?<energyImportWh>\d+)\s*$`;

/** A repeated group that contains a repetition takes exponential time on lines that fail. */
const nestedRepetition = /\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\d*\})(?:[^()\\]|\\.)*\)(?:[+*]|\{)/;
const groupName = /\(\?<([A-Za-z][A-Za-z0-9]*)>/g;

/**
 * Reads the `pattern` of a `text-line` meter: a regular expression whose named groups are quantity
 * names, as `^P=(?<powerW>-?\d+) E=(?<energyImportWh>\d+)$`; a `k` before the unit, as in
 * `energyImportkWh`, says that the line states thousands. Or a sentence saying what is wrong.
 */
export function readLinePattern(source: string): LinePattern | string {
  if (nestedRepetition.test(source)) return 'the pattern repeats a group that itself repeats';
  const names = [...source.matchAll(groupName)].map((match) => match[1]!);
  if (names.length === 0) return 'the pattern has no named group, such as (?<powerW>-?\\d+)';
  const groups = names.map(groupNamed);
  const unknown = names.filter((_, index) => groups[index] === null);
  if (unknown.length > 0) return `no quantity is called ${unknown.join(', ')}`;
  try {
    return { expression: new RegExp(source), groups: groups.filter((group) => group !== null) };
  } catch (error) {
    return `the pattern is no regular expression: ${(error as Error).message}`;
  }
}

function groupNamed(name: string): LineGroup | null {
  if (isQuantity(name)) return { name, quantity: name, unit: quantities[name].unit };
  const [, quantity, unit] = /^(.*)k([A-Za-z]+)$/.exec(name) ?? [];
  const plain = `${quantity}${unit}`;
  if (!isQuantity(plain) || quantities[plain].unit !== unit) return null;
  return { name, quantity: plain, unit: `k${quantities[plain].unit}` };
}

const isQuantity = (name: string): name is QuantityName => Object.hasOwn(quantities, name);
