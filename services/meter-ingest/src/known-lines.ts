import type { KnownLine } from './domain/meter-input.js';
import { protocolNamed } from '@wattbus/meter-protocols';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Kept = z.object({
  v: z.literal(1),
  port: z.string(),
  protocol: z.string(),
  settings: z.object({
    baudRate: z.int().positive(),
    dataBits: z.union([z.literal(7), z.literal(8)]),
    parity: z.enum(['none', 'even', 'odd']),
    stopBits: z.union([z.literal(1), z.literal(2)]),
  }),
  address: z.string().optional(),
  registerMap: z.string().optional(),
});

/** What was found out about lines, kept over restarts: one small file a meter. */
export class KnownLines {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'lines');
  }

  /** Null where nothing is kept, or it is of another port or unreadable: then it is found again. */
  read(meter: string, port: string): KnownLine | null {
    try {
      const kept = Kept.parse(JSON.parse(readFileSync(this.#path(meter), 'utf8')));
      if (kept.port !== port || !protocolNamed(kept.protocol)) return null;
      const { protocol, settings, address, registerMap } = kept;
      const bus = { ...(address && { address }), ...(registerMap && { registerMap }) };
      return { protocol, settings, ...bus };
    } catch {
      return null;
    }
  }

  /** Throws where the disk refuses it. */
  write(meter: string, port: string, line: KnownLine): void {
    mkdirSync(this.#directory, { recursive: true });
    const path = this.#path(meter);
    const { protocol, settings, address, registerMap } = line;
    const kept = { v: 1, port, protocol, settings, address, registerMap };
    writeFileSync(`${path}.new`, JSON.stringify(kept));
    renameSync(`${path}.new`, path);
  }

  #path(meter: string): string {
    return join(this.#directory, `${meter}.json`);
  }
}
