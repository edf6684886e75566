import { Buffer } from 'node:buffer';
import type { Measured } from '@wattbus/energy-model';

/** A line with what is measured under its own names. */
export const encodeJsonLine = (
  measured: Measured,
  meter: { readonly id?: string; readonly at?: string } = {},
): Uint8Array => Buffer.from(`${JSON.stringify({ ...meter, ...measured })}\n`);
