import type { Condition, Counters, Log } from '@wattbus/nest-mqtt';
import type { Rights } from './domain/access.js';
import type { Listener } from './listeners.js';
import type { RetainedFiles } from './retained/retained-files.js';
import type { Account } from './sign-in.js';

export interface BrokerOptions {
  readonly listeners: readonly Listener[];
  /** Rights of each role; clients without a password have those of `admin`. */
  readonly rights: Readonly<Record<string, Rights>>;
  readonly accounts: ReadonlyMap<string, Account>;
  /** Directory of the retained messages. */
  readonly directory: string;
  readonly retainedFlushMs: number;
  readonly retainedBytesMax: number;
  readonly packetBytesMax: number;
  readonly connectionsMax: number;
  /** Until a client has said who it is. */
  readonly connectMsMax?: number;
  readonly files: RetainedFiles;
}

/** What a service tells about itself, and how. */
export interface Telling {
  readonly log: Log;
  readonly counters: Counters;
  readonly condition: Condition;
}
