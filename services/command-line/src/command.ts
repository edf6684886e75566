/** One subcommand of `npx wattbus`. */
export interface Command {
  readonly name: string;
  /** As printed behind the name: `[FILE]`. */
  readonly usage: string;
  readonly about: string;
  /** Exit code: 0 done, 1 found faults, 2 wrong usage. */
  readonly run: (args: readonly string[]) => Promise<number>;
}
