import { namedQuantity, type NamedQuantity } from '../framing/named-quantity.js';

/** Which number of a line is what: a named group stands for a quantity, in a unit. */
export interface LinePattern {
  readonly expression: RegExp;
  /** Each is named as in the expression. */
  readonly groups: readonly NamedQuantity[];
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
  const groups = names.map(namedQuantity);
  const unknown = names.filter((_, index) => groups[index] === null);
  if (unknown.length > 0) return `no quantity is called ${unknown.join(', ')}`;
  try {
    return { expression: new RegExp(source), groups: groups.filter((group) => group !== null) };
  } catch (error) {
    return `the pattern is no regular expression: ${(error as Error).message}`;
  }
}
