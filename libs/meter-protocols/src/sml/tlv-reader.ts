/** The types of SML 1.04, §6.2.2, as the upper half of a type-length byte gives them. */
export const tlvKind = { octets: 0, boolean: 4, integer: 5, unsigned: 6, list: 7 } as const;

/** How a walk went: `short` means that the bytes end within an element. */
export type WalkState = 'whole' | 'short' | 'malformed';

/** Type-length bytes of an absent field and of numbers of one byte. */
export const absentField = 0x01;
const unsigned8 = 0x62;
const integer8 = 0x52;
const moreLengthBit = 0x80;
const lengthBytesMax = 4;
const elementsMax = 100_000;

/**
 * Walks SML's binary coding (SML 1.04, §6) in place: no element becomes an object. A first `next`
 * or `skip` that cannot be done sets `state`, and from then on every read gives empty elements, so
 * that callers need to look at `state` only at the end.
 */
export class TlvReader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the next element begins. */
  at = 0;
  end = 0;
  state: WalkState = 'whole';
  /** Of the element last begun: its type, … */
  kind = 0;
  /** … its number of payload bytes, or of elements if it is a list … */
  size = 0;
  /** … and where its payload begins. */
  start = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.state = 'whole';
  }

  /** Begins the next element. Of a list `at` is then its first member, of others what follows. */
  next(): void {
    const { bytes } = this;
    let at = this.at;
    if (at >= this.end) return this.fail('short');
    let field = bytes[at]!;
    at += 1;
    this.kind = (field >> 4) & 7;
    let size = field & 15;
    if (field >= moreLengthBit) {
      const first = at - 1;
      do {
        if (at >= this.end) return this.fail('short');
        field = bytes[at]!;
        at += 1;
        size = (size << 4) | (field & 15);
      } while (field >= moreLengthBit && at - first < lengthBytesMax);
      if (field >= moreLengthBit) return this.fail('malformed');
      if (this.kind !== tlvKind.list) size -= at - first;
    } else if (this.kind !== tlvKind.list) {
      size -= 1;
    }
    if (size < 0) return this.fail('malformed');
    this.start = at;
    this.size = size;
    if (this.kind !== tlvKind.list) {
      at += size;
      if (at > this.end) return this.fail('short');
    }
    this.at = at;
  }

  /** Passes over `count` elements, whatever they hold. */
  skip(count: number): void {
    let left = count;
    let passed = 0;
    while (left > 0 && this.state === 'whole') {
      // Most skipped fields are optional ones that are absent.
      if (this.bytes[this.at] === absentField && this.at < this.end) {
        this.at += 1;
        left -= 1;
        continue;
      }
      this.next();
      left += this.kind === tlvKind.list ? this.size - 1 : -1;
      passed += 1;
      if (passed > elementsMax) this.fail('malformed');
    }
  }

  /** Begins a list and gives the number of its members; `malformed` if it is none. */
  list(): number {
    this.next();
    if (this.state !== 'whole') return 0;
    if (this.kind !== tlvKind.list) {
      this.fail('malformed');
      return 0;
    }
    return this.size;
  }

  /** Reads a number of any width; an absent one or another type is `absent`. */
  number(absent: number): number {
    const { bytes, at } = this;
    const field = bytes[at];
    // Absent and one-byte numbers are the mass.
    if (field === absentField && at < this.end) {
      this.at = at + 1;
      return absent;
    }
    if ((field === unsigned8 || field === integer8) && at + 1 < this.end) {
      this.at = at + 2;
      const byte = bytes[at + 1]!;
      return field === unsigned8 ? byte : (byte << 24) >> 24;
    }
    this.next();
    if (this.isNumber()) return this.numberHere();
    if (this.kind === tlvKind.list) this.skip(this.size);
    return absent;
  }

  /** Whether the element last begun is an Integer or Unsigned of one to eight bytes. */
  isNumber(): boolean {
    const { kind, size } = this;
    return (kind === tlvKind.integer || kind === tlvKind.unsigned) && size > 0 && size <= 8;
  }

  /**
   * The value of the element last begun. The length of the field, not a type of 1, 2, 4 or 8 bytes,
   * says where the sign is: meters leave out leading bytes, and 3-byte integers exist.
   */
  numberHere(): number {
    const { bytes, start, size } = this;
    const first = bytes[start]!;
    let value = this.kind === tlvKind.integer ? (first << 24) >> 24 : first;
    for (let index = start + 1; index < start + size; index += 1) {
      value = value * 256 + bytes[index]!;
    }
    return value;
  }

  fail(state: WalkState): void {
    if (this.state === 'whole') this.state = state;
    this.at = this.end;
    this.kind = tlvKind.octets;
    this.size = 0;
    this.start = this.end;
  }
}
