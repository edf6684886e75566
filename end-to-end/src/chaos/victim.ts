/** A process that faults happen to. */
export interface Victim {
  /** kill -9; false where it was not running. */
  kill(): Promise<boolean>;
  /** After a kill. Not waited for until it is ready, so that a start can be killed as well. */
  launch(): Promise<void> | void;
  /** SIGSTOP, or what does the same; false where it was not running. */
  freeze(): Promise<boolean> | boolean;
  thaw(): Promise<void> | void;
  /** Resolves when it takes part. */
  ready(): Promise<void>;
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
