/** What a payload may hold; home devices have some dozens of values. */
const entriesMax = 500;
const depthMax = 6;

export type Leaf = number | string;

/** Numbers and texts of a JSON value by their path; texts that are numbers are numbers. */
export function flatten(content: unknown): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  collect(content, '', depthMax, leaves);
  return leaves;
}

function collect(content: unknown, path: string, depth: number, leaves: Map<string, Leaf>): void {
  if (leaves.size === entriesMax) return;
  if (typeof content === 'number') {
    if (Number.isFinite(content)) leaves.set(path, content);
  } else if (typeof content === 'string') leaves.set(path, numberIn(content) ?? content);
  else if (typeof content === 'object' && content !== null && depth > 0) {
    for (const [key, value] of Object.entries(content)) {
      collect(value, path === '' ? key : `${path}.${key}`, depth - 1, leaves);
    }
  }
}

/** A plain decimal number; identifications with leading zeros and the like stay text. */
export function numberIn(text: string): number | null {
  const trimmed = text.trim();
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(trimmed) ? Number(trimmed) : null;
}
