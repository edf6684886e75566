/** A cell of a table as written, and where it stands. */
export interface Cell {
  readonly text: string;
  /** First character, from 1. */
  readonly column: number;
}

/** A row of a table; the first one may be its header. */
export interface Row {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

export interface TableFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type Read<Value> = ({ readonly ok: true } & Value) | Refused;
export interface Refused {
  readonly ok: false;
  readonly faults: readonly TableFault[];
}

/** Faults that are told of one table; thousands of them help nobody. */
export const TABLE_FAULTS_MAX = 20;

export const refused = (faults: readonly TableFault[]): Refused => ({
  ok: false,
  faults: faults.slice(0, TABLE_FAULTS_MAX),
});

export const isRefused = (read: { readonly ok: boolean }): read is Refused => !read.ok;

/** Whole millionths of a number as written, with a point or a comma; null where it is none. */
export function millionthsOf(text: string): bigint | null {
  const match = /^([+-]?)(\d{1,15})(?:[.,](\d{1,12}))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const size = BigInt(`${whole}${fraction.padEnd(6, '0').slice(0, 6)}`);
  return sign === '-' ? -size : size;
}
