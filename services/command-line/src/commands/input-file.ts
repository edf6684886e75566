import { open } from 'node:fs/promises';

/** A day of a meter that sends every second stays below. */
export const inputBytesMax = 256 * 1024 * 1024;

/** The bytes of a file, or of the standard input for `-`; throws where they are too many. */
export async function readInput(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  const handle = file === '-' ? null : await open(file);
  const source: AsyncIterable<Buffer> = handle ? handle.createReadStream() : process.stdin;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > inputBytesMax) throw new Error(`${file}: more than ${inputBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
