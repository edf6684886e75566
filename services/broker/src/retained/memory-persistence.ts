import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

/** The part of Aedes' in-memory persistence that is extended here. */
interface Persistence {
  setup(broker: unknown): Promise<void>;
  storeRetained(packet: unknown): Promise<void>;
  createRetainedStream(pattern: string): Readable;
  createRetainedStreamCombi(patterns: string[]): Readable;
  outgoingClearMessageId(client: unknown, packet: unknown): Promise<unknown>;
  destroy(): Promise<void>;
}

/** The package has no types for its promise-based class, only for the callbacks around it. */
export const MemoryPersistence = createRequire(import.meta.url)(
  'aedes-persistence/asyncPersistence.js',
) as new () => Persistence;
