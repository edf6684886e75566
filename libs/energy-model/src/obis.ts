/**
 * OBIS codes (IEC 62056-61): `A-B:C.D.E`, with `A` medium, `B` channel, `C` quantity, `D`
 * processing, `E` tariff. The sixth group F (history) is left out where it is 255.
 */
export interface Obis {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
}

const pattern = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The five groups, or null where the text is no OBIS code or a group exceeds 255. */
export function parseObis(text: string): Obis | null {
  const match = pattern.exec(text);
  if (!match) return null;
  const [a, b, c, d, e] = match.slice(1).map(Number) as [number, number, number, number, number];
  return Math.max(a, b, c, d, e) > 255 ? null : { a, b, c, d, e };
}

export function formatObis({ a, b, c, d, e }: Obis): string {
  return `${a}-${b}:${c}.${d}.${e}`;
}
