import { Buffer } from 'node:buffer';

const initialBytes = 2048;
const wordBytes = 4;

/** A telegram and the one before it, to be compared four bytes at a time. */
export class LastTwo {
  private page = new Page(initialBytes);
  private before = new Page(initialBytes);
  /** The pages agree from here up to `differs`. */
  private agrees = 0;
  private differs = 0;

  get bytes(): Uint8Array {
    return this.page.bytes;
  }

  get bytesBefore(): Uint8Array {
    return this.before.bytes;
  }

  /** The present telegram, a character each byte. */
  text(): string {
    return this.page.bytes.toString('latin1', 0, this.page.length);
  }

  /** The present telegram becomes the one before. */
  turn(telegram: Uint8Array): void {
    const next =
      this.before.bytes.length < telegram.length ? new Page(2 * telegram.length) : this.before;
    this.before = this.page;
    this.page = next;
    next.bytes.set(telegram);
    next.length = telegram.length;
    this.agrees = 0;
    this.differs = -1;
  }

  /** The first index from `from` on at which the two differ; the end of the shorter one at last. */
  differenceFrom(from: number): number {
    if (from >= this.agrees && from <= this.differs) return this.differs;
    const { page, before } = this;
    const end = Math.min(page.length, before.length);
    let index = from;
    while (index < end && index % wordBytes !== 0 && isSameByte(page, before, index)) index += 1;
    if (index % wordBytes === 0) {
      let word = index / wordBytes;
      const last = Math.floor(end / wordBytes);
      while (word < last && page.words[word] === before.words[word]) word += 1;
      index = Math.max(index, word * wordBytes);
      while (index < end && isSameByte(page, before, index)) index += 1;
    }
    this.agrees = from;
    this.differs = index;
    return index;
  }
}

class Page {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  length = 0;

  constructor(bytesMin: number) {
    this.words = new Uint32Array(Math.ceil(bytesMin / wordBytes));
    this.bytes = Buffer.from(this.words.buffer);
  }
}

const isSameByte = (page: Page, before: Page, index: number): boolean =>
  page.bytes[index] === before.bytes[index];
