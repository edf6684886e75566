import type { DataItem, NumberReader } from './data-types.js';
import { dataTag, fixedByTag, fixedOctets } from './data-types.js';

export type AxdrFailure = 'incomplete' | 'malformed';
/** How the readers above this one say it. */
export type Unreadable = { readonly kind: 'incomplete' } | { readonly kind: 'malformed' };

const depthMax = 12;
const attributeDescriptorBytes = 9;
const attributeMax = 31;
const noItems: readonly DataItem[] = [];

/** Reads values one after the other; after `null` see `failure`. */
export class AxdrReader {
  position: number;
  failure: AxdrFailure = 'malformed';
  /** The bytes ended where only more of them could have told what they mean. */
  isUndecided = false;
  /** Members that the outermost group counts but does not have: 0 or 1. */
  missing = 0;
  private readonly view: DataView;
  private describedLeft = describedElementsMax;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly end: number,
    /** All bytes are there, so the outermost group may be one value shorter than it says. */
    private readonly isWhole = false,
  ) {
    this.position = start;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** One value with its tag. */
  read(depth = 0): DataItem | null {
    if (this.position >= this.end) return this.fail('incomplete');
    const tag = this.bytes[this.position]!;
    this.position += 1;
    return this.readContents(tag, depth);
  }

  /** A length or count: one byte, or 81 to 84 and that many bytes. */
  readLength(): number | null {
    const first = this.bytes[this.position];
    if (this.position >= this.end || first === undefined) return this.fail('incomplete');
    this.position += 1;
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) return this.fail('malformed');
    if (this.position + count > this.end) return this.fail('incomplete');
    let length = 0;
    for (let index = 0; index < count; index += 1) {
      length = length * 256 + this.bytes[this.position + index]!;
    }
    this.position += count;
    return length;
  }

  private readContents(tag: number, depth: number): DataItem | null {
    const fixed = fixedByTag[tag];
    if (fixed) return this.readNumber(tag, fixed[0], fixed[1]);
    switch (tag) {
      case dataTag.nullData:
      case dataTag.dontCare:
        return { tag, number: NaN, start: this.position, end: this.position, items: noItems };
      case dataTag.octetString:
      case dataTag.visibleString:
      case dataTag.utf8String:
        return this.readOctets(tag, this.readLength());
      case dataTag.bitString: {
        const bits = this.readLength();
        return this.readOctets(tag, bits === null ? null : Math.ceil(bits / 8));
      }
      case dataTag.array:
      case dataTag.structure:
        return this.readMembers(tag, depth);
      case dataTag.compactArray:
        return this.readCompactArray(depth);
      default: {
        const octets = fixedOctets.get(tag);
        return octets === undefined ? this.fail('malformed') : this.readOctets(tag, octets);
      }
    }
  }

  private readNumber(tag: number, count: number, read: NumberReader): DataItem | null {
    const start = this.position;
    if (start + count > this.end) return this.fail('incomplete');
    this.position += count;
    return { tag, number: read(this.view, start), start, end: this.position, items: noItems };
  }

  private readOctets(tag: number, count: number | null): DataItem | null {
    if (count === null) return null;
    const start = this.position;
    if (start + count > this.end) return this.fail('incomplete');
    this.position += count;
    return { tag, number: NaN, start, end: this.position, items: noItems };
  }

  private readMembers(tag: number, depth: number): DataItem | null {
    const count = this.readLength();
    if (count === null) return null;
    if (depth >= depthMax) return this.fail('malformed');
    const start = this.position;
    const items: DataItem[] = [];
    for (let index = 0; index < count; index += 1) {
      // Iskraemeco in Croatia counts a value that it leaves out.
      const isLast = index > 0 && index === count - 1;
      if (isLast && this.isWhole && depth === 0 && this.position === this.end) {
        this.missing = 1;
        break;
      }
      const item =
        (index === 0 && count === 2 ? this.readAttributeDescriptor() : null) ??
        this.read(depth + 1);
      if (item === null) return null;
      items.push(item);
    }
    return { tag, number: NaN, start, end: this.position, items };
  }

  /**
   * Sagemcom and EG.D lists put a bare cosem-attribute-descriptor (class, OBIS, attribute: nine
   * bytes without tags) where a value is due. Its first byte 00 would read as null-data, its OBIS
   * code always ends in FF, and no real pair of values looks so.
   */
  private readAttributeDescriptor(): DataItem | null {
    const { bytes, position } = this;
    if (bytes[position] !== 0 || bytes[position + 1] === 0) return null;
    if (position + attributeDescriptorBytes > this.end) {
      this.isUndecided = true;
      return null;
    }
    const attribute = bytes[position + 8]!;
    if (bytes[position + 7] !== 0xff || attribute === 0 || attribute > attributeMax) return null;
    this.position += attributeDescriptorBytes;
    return {
      tag: dataTag.attributeDescriptor,
      number: attribute,
      start: position + 2,
      end: position + 8,
      items: noItems,
    };
  }

  /** A type description once, then the contents of all elements without tags. */
  private readCompactArray(depth: number): DataItem | null {
    if (depth >= depthMax) return this.fail('malformed');
    const start = this.position;
    const element = this.readTypeDescription(depth);
    const length = element === null ? null : this.readLength();
    if (element === null || length === null) return null;
    const contentsEnd = this.position + length;
    if (contentsEnd > this.end) return this.fail('incomplete');
    const items: DataItem[] = [];
    while (this.position < contentsEnd) {
      const before = this.position;
      const item = this.readDescribed(element);
      if (item === null) return null;
      if (this.position === before) return this.fail('malformed');
      items.push(item);
    }
    if (this.position !== contentsEnd) return this.fail('malformed');
    return { tag: dataTag.array, number: NaN, start, end: contentsEnd, items };
  }

  private readTypeDescription(depth: number): TypeDescription | null {
    const tag = this.bytes[this.position];
    if (this.position >= this.end || tag === undefined) return this.fail('incomplete');
    if (depth >= depthMax) return this.fail('malformed');
    this.position += 1;
    if (tag === dataTag.compactArray) return this.fail('malformed');
    if (tag !== dataTag.array && tag !== dataTag.structure) return { tag, members: [] };
    const count = tag === dataTag.array ? this.readArrayCount() : this.readLength();
    if (count === null) return null;
    const members: TypeDescription[] = [];
    const described = tag === dataTag.array ? 1 : count;
    for (let index = 0; index < described; index += 1) {
      const member = this.readTypeDescription(depth + 1);
      if (member === null) return null;
      members.push(member);
    }
    if (tag === dataTag.structure) return { tag, members };
    // Elements of an array in a description are equal; beyond this many it is not a telegram.
    if (count > arrayElementsMax) return this.fail('malformed');
    return { tag, members: Array.from({ length: count }, () => members[0]!) };
  }

  private readArrayCount(): number | null {
    if (this.position + 2 > this.end) return this.fail('incomplete');
    this.position += 2;
    return this.view.getUint16(this.position - 2);
  }

  private readDescribed({ tag, members }: TypeDescription): DataItem | null {
    // Described elements may take no bytes at all, so the bytes alone do not bound them.
    this.describedLeft -= 1;
    if (this.describedLeft < 0) return this.fail('malformed');
    if (tag !== dataTag.array && tag !== dataTag.structure) return this.readContents(tag, depthMax);
    const start = this.position;
    const items: DataItem[] = [];
    for (const member of members) {
      const item = this.readDescribed(member);
      if (item === null) return null;
      items.push(item);
    }
    return { tag, number: NaN, start, end: this.position, items };
  }

  private fail(failure: AxdrFailure): null {
    this.failure = this.isUndecided ? 'incomplete' : failure;
    return null;
  }
}

interface TypeDescription {
  readonly tag: number;
  readonly members: readonly TypeDescription[];
}

const arrayElementsMax = 256;
const describedElementsMax = 4096;
