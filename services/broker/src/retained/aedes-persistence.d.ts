/** The part of the in-memory persistence that is extended here; the package types only its face. */
declare module 'aedes-persistence/asyncPersistence.js' {
  import type { Readable } from 'node:stream';

  export default class MemoryPersistence {
    setup(broker: unknown): Promise<void>;
    storeRetained(packet: unknown): Promise<void>;
    createRetainedStream(pattern: string): Readable;
    createRetainedStreamCombi(patterns: string[]): Readable;
    outgoingClearMessageId(client: unknown, packet: unknown): Promise<unknown>;
    destroy(): Promise<void>;
  }
}

/** The published test suite: every persistence has to pass it. */
declare module 'aedes-persistence/abstract.js' {
  interface Suite {
    readonly testAsync: true;
    persistence(): Promise<unknown>;
    test(
      name: string,
      run: (context: {
        readonly assert: object;
        plan(assertions: number): void;
        diagnostic(text: string): void;
      }) => Promise<void>,
    ): void;
  }
  export default function abstractPersistence(suite: Suite): void;
}
