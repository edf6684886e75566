import { Session, type Profiler } from 'node:inspector';

/** The decoders; their encoders only serve the fuzzer. */
const isWatched = (url: string): boolean =>
  url.includes('/meter-protocols/dist/fuzzed/src/') && !url.includes('/encode');

/**
 * Which blocks of the decoders ran, by V8's block coverage. It has to start before the decoders
 * are loaded, because V8 counts blocks only in what it compiles from then on.
 */
export class Coverage {
  /** Distinct blocks that ran so far: stretches of a function that first ran together. */
  blocks = 0;
  private readonly session: Session;
  /** A byte for each character of a function: whether it ever ran. */
  private readonly seen = new Map<string, Uint8Array>();

  /** Given another that was started, this one counts anew what V8 counts already. */
  constructor(started?: Coverage) {
    this.session = started?.session ?? new Session();
  }

  start(): void {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /**
   * How many blocks ran since the last call that never ran before. They count as seen from here on,
   * or stay new if `mark` is false: to ask of a batch first and of its inputs then.
   */
  takeNew(mark = true): number {
    let blocks = 0;
    for (const { url, scriptId, functions } of this.take()) {
      if (!isWatched(url)) continue;
      for (const one of functions) {
        if (one.ranges[0]!.count > 0) blocks += this.newBlocksOf(scriptId, one.ranges, mark);
      }
    }
    if (mark) this.blocks += blocks;
    return blocks;
  }

  private take(): readonly Profiler.ScriptCoverage[] {
    let result: readonly Profiler.ScriptCoverage[] = [];
    this.session.post('Profiler.takePreciseCoverage', (_error, taken) => {
      result = taken.result;
    });
    return result;
  }

  /** Ranges are nested: an inner one says otherwise about a part of the one around it. */
  private newBlocksOf(
    scriptId: string,
    ranges: readonly Profiler.CoverageRange[],
    mark: boolean,
  ): number {
    const { startOffset: from, endOffset: to } = ranges[0]!;
    const key = `${scriptId}:${from}:${to}`;
    const seen = this.seen.get(key) ?? new Uint8Array(to - from);
    this.seen.set(key, seen);
    const ran = new Uint8Array(to - from);
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from);
    }
    let blocks = 0;
    let wasNew = false;
    for (let index = 0; index < ran.length; index += 1) {
      const isNew = ran[index]! > seen[index]!;
      if (isNew && !wasNew) blocks += 1;
      if (isNew && mark) seen[index] = 1;
      wasNew = isNew;
    }
    return blocks;
  }
}
