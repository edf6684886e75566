import type { Coverage } from './coverage.js';
import type { check as Check, Finding } from './invariants.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import type { Seed } from './seeds.js';
import type { FuzzTarget } from './targets.js';

const batchInputsMin = 16;
/** V8 walks its whole heap to count blocks, some 10 ms: as many inputs as may share that. */
const batchInputsMax = 1024;
const corpusInputsMax = 1500;
/** One of so many inputs is measured; more would be measuring the clock. */
const timedEvery = 16;
const slowMsPerKilobyte = 20;
/** Time of the CPU, not of the clock; below this collections of the heap are what is measured. */
const slowMsMin = 10;
const timeRuns = 3;
const findingsMax = 20;
const shrinkRunsMax = 2000;
const shrinkMsMax = 3000;

export interface Found extends Finding {
  readonly seed: Seed;
}

/**
 * The loop: change an input of the corpus, push it, keep it if it ran new blocks or had a new
 * outcome. Coverage is read once for a batch of inputs, and for fewer of them only if there was news.
 */
export class Campaign {
  inputs = 0;
  slowestMsPerKilobyte = 0;
  readonly found: Found[] = [];
  private readonly corpus: Seed[] = [];
  private readonly outcomes = new Set<string>();
  private readonly kinds = new Set<string>();
  private readonly random: Random;
  private batchInputs = batchInputsMin;

  constructor(
    private readonly targets: readonly FuzzTarget[],
    private readonly check: typeof Check,
    private readonly coverage: Coverage,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  /** Starts from the good frames of every target and from what earlier runs kept. */
  start(seeds: readonly Seed[]): void {
    const frames = this.targets.flatMap(({ frames }, target) =>
      frames.map((bytes) => ({ target, bytes })),
    );
    for (const seed of [...frames, ...seeds]) {
      this.try(seed, 'whole');
      this.corpus.push(seed);
    }
    this.coverage.takeNew();
  }

  runBatch(): void {
    const batch = Array.from({ length: this.batchInputs }, () => this.next());
    for (const [index, seed] of batch.entries()) {
      const isNewOutcome = this.try(seed, 'quick');
      if (isNewOutcome && this.corpus.length < corpusInputsMax) this.corpus.push(seed);
      if (index % timedEvery === 0) this.time(seed);
    }
    this.inputs += batch.length;
    const news = this.coverage.takeNew(false) > 0;
    this.batchInputs = news
      ? Math.max(batchInputsMin, this.batchInputs >> 1)
      : Math.min(batchInputsMax, this.batchInputs << 1);
    if (news) this.keepNews(batch);
    while (this.corpus.length > corpusInputsMax) {
      this.corpus.splice(this.random.below(this.corpus.length), 1);
    }
  }

  /** Halves the batch until single inputs are left that run what is new. */
  private keepNews(batch: readonly Seed[]): void {
    const isSingle = batch.length === 1;
    this.coverage.takeNew(false);
    for (const seed of batch) {
      this.check(this.target(seed), seed.bytes, this.random, 'quick');
    }
    if (this.coverage.takeNew(isSingle) === 0) return;
    if (isSingle) {
      this.corpus.push(...batch);
      return;
    }
    const middle = batch.length >> 1;
    this.keepNews(batch.slice(0, middle));
    this.keepNews(batch.slice(middle));
  }

  /** The smallest inputs first, each that runs a block which none before it ran. */
  minimised(coverage: Coverage, bytesMax: number): readonly Seed[] {
    const kept: Seed[] = [];
    let bytes = 0;
    coverage.takeNew();
    for (const seed of [...this.corpus].sort((a, b) => a.bytes.length - b.bytes.length)) {
      this.check(this.target(seed), seed.bytes, this.random, 'quick');
      if (coverage.takeNew() === 0 || bytes + seed.bytes.length > bytesMax) continue;
      bytes += seed.bytes.length;
      kept.push(seed);
    }
    return kept;
  }

  private next(): Seed {
    const { target, bytes } = this.random.pick(this.corpus);
    const other = this.random.pick(this.corpus).bytes;
    const { protocol } = this.targets[0]!;
    return {
      target: this.random.below(3) === 0 ? this.random.below(this.targets.length) : target,
      bytes: mutate(protocol, bytes, other, this.random),
    };
  }

  private try(seed: Seed, thoroughness: 'whole' | 'quick'): boolean {
    const { finding, outcome } = this.check(
      this.target(seed),
      seed.bytes,
      this.random,
      thoroughness,
    );
    if (finding) this.note(seed, finding);
    const isNew = !this.outcomes.has(outcome);
    this.outcomes.add(outcome);
    return isNew;
  }

  private note(seed: Seed, finding: Finding): void {
    const kind = kindOf(finding, seed);
    if (this.kinds.has(kind) || this.found.length >= findingsMax) return;
    this.kinds.add(kind);
    const shrunk = finding.kind === 'slow' ? seed : this.shrink(seed, kind);
    this.found.push({ ...finding, seed: shrunk });
  }

  /** Takes out stretches, half of the input first, as long as the same is still wrong. */
  private shrink(seed: Seed, kind: string): Seed {
    let { bytes } = seed;
    let runs = 0;
    const until = performance.now() + shrinkMsMax;
    for (let size = bytes.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at < bytes.length && runs < shrinkRunsMax; runs += 1) {
        if (performance.now() > until) return { target: seed.target, bytes };
        const shorter = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + size)]);
        const { finding } = this.check(this.target(seed), shorter, this.random, 'whole');
        if (finding && kindOf(finding, seed) === kind) bytes = shorter;
        else at += size;
      }
    }
    return { target: seed.target, bytes };
  }

  private time(seed: Seed): void {
    const kilobytes = Math.max(1, seed.bytes.length / 1024);
    const once = (): number => {
      const decoder = this.target(seed).decoder();
      const before = process.cpuUsage();
      decoder.push(seed.bytes);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    let ms = once();
    for (let run = 1; run < timeRuns && ms > slowMsMin; run += 1) ms = Math.min(ms, once());
    const perKilobyte = ms / kilobytes;
    this.slowestMsPerKilobyte = Math.max(this.slowestMsPerKilobyte, perKilobyte);
    if (ms < slowMsMin || perKilobyte < slowMsPerKilobyte) return;
    this.note(seed, { kind: 'slow', detail: `${perKilobyte.toFixed(1)} ms per kilobyte` });
  }

  private target({ target }: Seed): FuzzTarget {
    return this.targets[target % this.targets.length]!;
  }
}

/** The same thing wrong: the same place for what was thrown, otherwise the same kind. */
function kindOf({ kind, detail }: Finding, { target }: Seed): string {
  return kind === 'threw' ? detail.split('\n').slice(0, 2).join('\n') : `${kind} ${target}`;
}
