import { Buffer } from 'node:buffer';
import type { z } from 'zod';
import type { Topic } from './topic.js';

/** A payload larger than this is refused unread; the broker's default limit is the same. */
export const PAYLOAD_BYTES_MAX = 1 << 20;

export type Decoded<Payload> = { ok: true; payload: Payload } | { ok: false; reason: string };

/**
 * Bytes from the wire to a payload that keeps the contract, or the reason why they do not. A `schema`
 * other than the row's is for who needs a part of the payload only.
 */
export function decodePayload<P>(
  { row }: Topic,
  bytes: Uint8Array,
  schema: z.ZodType<P>,
): Decoded<P>;
export function decodePayload<P>(topic: Topic<P>, bytes: Uint8Array): Decoded<P>;
export function decodePayload<P>(
  { row }: Topic<P>,
  bytes: Uint8Array,
  schema: z.ZodType<P> = row.payload,
): Decoded<P> {
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    return { ok: false, reason: `payload of ${bytes.length} bytes exceeds ${PAYLOAD_BYTES_MAX}` };
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let value: unknown = text;
  if (row.encoding === 'json') {
    try {
      value = JSON.parse(text);
    } catch (error) {
      return { ok: false, reason: `not JSON: ${(error as Error).message}` };
    }
  }
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { ok: true, payload: parsed.data }
    : { ok: false, reason: explain(parsed.error) };
}

export function encodePayload<P>({ row }: Topic<P>, payload: P): string {
  return row.encoding === 'json' ? JSON.stringify(payload) : String(payload);
}

const explain = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`)
    .join('; ');
