/** Findings kept in words; the others are only counted. */
const EXAMPLES_MAX = 20;

/** What is not as it must be. */
export class Tally {
  lost = 0;
  doubled = 0;
  wrong = 0;
  readonly examples: string[] = [];

  get isClean(): boolean {
    return this.lost + this.doubled + this.wrong === 0;
  }

  note(kind: 'lost' | 'doubled' | 'wrong', what: string): void {
    this[kind] += 1;
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(`${kind}: ${what}`);
  }
}
