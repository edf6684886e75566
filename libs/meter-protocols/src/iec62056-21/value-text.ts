/** The text in one pair of parentheses: value and unit, as far as they can be told apart. */
export interface StatedValue {
  readonly text: string;
  /** Undefined where no unit is stated. */
  readonly unit: string | undefined;
  /** Null where the text is no number. */
  readonly number: number | null;
}

const numberText = /^[+-]?\d+(?:\.\d+)?$/;
const numberAndUnit = /^([+-]?\d+(?:\.\d+)?)\s+([A-Za-z][A-Za-z0-9/]*)$/;
const parts = /&/;

/** `(000.82*kW)`, `( 000.03*kW)`, `(024562 kWh)`, `(013925.5*)`, `(V1.2)`. */
export function readValue(stated: string): StatedValue {
  const text = stated.trim();
  const star = text.lastIndexOf('*');
  if (star >= 0) {
    const number = toNumber(text.slice(0, star).trim());
    const unit = text.slice(star + 1).trim();
    if (number !== null) return { text, unit: unit === '' ? undefined : unit, number };
  }
  const separated = numberAndUnit.exec(text);
  if (separated) return { text, unit: separated[2]!, number: Number(separated[1]) };
  return { text, unit: undefined, number: toNumber(text) };
}

/** Heat meters state flow and return together: `(088*C&082*C)`. Otherwise the one text. */
export function splitParts(stated: string): readonly string[] {
  const split = stated.split(parts);
  return split.every((part) => readValue(part).unit !== undefined) ? split : [stated];
}

const toNumber = (text: string): number | null => (numberText.test(text) ? Number(text) : null);
