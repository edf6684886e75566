import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Captures of real meters, which are no part of the project: absent, their tests are skipped. */
const root = resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus', 'telegrams');

export interface CorpusFrame {
  readonly file: string;
  readonly integrity?: { readonly crc: string };
  readonly expect?: string;
  readonly values?: readonly StatedValue[];
  readonly key?: string;
  readonly authKey?: string;
  readonly expected?: unknown;
}

/** A value as the source's own tests state it. */
export interface StatedValue {
  readonly item?: string;
  readonly obis?: string | readonly string[];
  readonly go?: string;
  readonly value?: string | number | null;
  readonly unit?: string | null;
  readonly timestamp?: string;
  readonly occurred?: string;
}

export interface CorpusSource {
  readonly source: string;
  readonly frames: readonly (CorpusFrame & { readonly bytes: Buffer })[];
}

/** The sources of a protocol's folder with the bytes of their files; empty where it is absent. */
export function corpusOf(protocol: string): readonly CorpusSource[] {
  const folder = join(root, protocol);
  if (!existsSync(folder)) {
    process.stderr.write(`no corpus at ${folder}: set WATTBUS_CORPUS; these tests are skipped\n`);
    return [];
  }
  return readdirSync(folder).map((source) => {
    const index = readFileSync(join(folder, source, 'expected.json'), 'utf8');
    const { frames } = JSON.parse(index) as { frames: readonly CorpusFrame[] };
    return {
      source,
      frames: frames.map((frame) => ({
        ...frame,
        bytes: readFileSync(join(folder, source, frame.file)),
      })),
    };
  });
}
