/** One code with the texts in the parentheses that follow it. */
export interface DataSet {
  /** As printed; empty in the rows of a profile. */
  readonly address: string;
  readonly groups: readonly string[];
}

export interface DataBlock {
  readonly sets: readonly DataSet[];
  /** Parts of lines that could not be read. */
  readonly skipped: readonly string[];
}

const lineEnds = /[\r\n]+/;
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * Splits a data block (IEC 62056-21, §6.5) into its data sets. A line may hold one, several or, in
 * a profile, a row of values only. What cannot be read costs the rest of its line.
 */
export function splitDataBlock(text: string): DataBlock {
  const sets: DataSet[] = [];
  const skipped: string[] = [];
  for (const raw of text.split(lineEnds)) {
    const line = raw.replace(controls, '');
    let at = 0;
    while (at < line.length) {
      const next = readSet(line, at, sets);
      if (next === null) break;
      at = next;
    }
    const rest = line.slice(at).trim();
    if (rest !== '') skipped.push(rest);
  }
  return { sets, skipped };
}

/** Reads one data set and gives where it ends; null where there is none or it is damaged. */
function readSet(line: string, start: number, sets: DataSet[]): number | null {
  const open = line.indexOf('(', start);
  if (open < 0) return null;
  const address = line.slice(start, open).trim();
  const groups: string[] = [];
  let at = open;
  while (line[at] === '(') {
    const close = line.indexOf(')', at);
    const group = line.slice(at + 1, close);
    if (close < 0 || group.includes('(')) return null;
    groups.push(group);
    at = close + 1;
    while (line[at] === ' ') at += 1;
  }
  sets.push({ address, groups });
  return at;
}
