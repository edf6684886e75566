import { crc16Kermit, crc16X25 } from '../framing/crc16.js';
import { ListReader, type ListContent } from './list-reader.js';
import { TlvReader, tlvKind, type WalkState } from './tlv-reader.js';

/** Message bodies by their tag (SML 1.04, §7.1). */
export const messageTag = {
  openResponse: 0x0101,
  closeResponse: 0x0201,
  listResponse: 0x0701,
  attention: 0xff01,
} as const;

const messageMembers = 6;
const endOfMessage = 0x00;

/** One message as it was read; `content` only where it is a list of values. */
export interface Message {
  readonly tag: number;
  readonly content: ListContent | null;
  /** What its checksum covers, and the checksum as a number; −1 where it cannot be read. */
  readonly start: number;
  readonly end: number;
  readonly stated: number;
}

export type MessageChecksum = 'x25' | 'kermit' | 'wrong';

/**
 * Reads SML messages (SML 1.04, §7) one after another. After `read` gave null, `state` tells
 * whether bytes are missing or make no message.
 */
export class MessageReader {
  private readonly tlv = new TlvReader();
  private readonly lists = new ListReader(this.tlv);

  get state(): WalkState {
    return this.tlv.state;
  }

  /** Where the next message begins. */
  get at(): number {
    return this.tlv.at;
  }

  open(bytes: Uint8Array, start: number, end: number): void {
    this.tlv.open(bytes, start, end);
  }

  /** Passes over the zeros that fill a transport frame; false at its end. */
  more(): boolean {
    const { tlv } = this;
    while (tlv.at < tlv.end && tlv.bytes[tlv.at] === endOfMessage) tlv.at += 1;
    return tlv.at < tlv.end;
  }

  /** Transaction, group and abort rule; the body by its tag; checksum; end of message. */
  read(): Message | null {
    const { tlv } = this;
    const start = tlv.at;
    if (tlv.list() !== messageMembers) tlv.fail('malformed');
    tlv.skip(3);
    if (tlv.list() !== 2) tlv.fail('malformed');
    const tag = tlv.number(0);
    let content: ListContent | null = null;
    if (tag === messageTag.listResponse) content = this.lists.read();
    else tlv.skip(1);
    const end = tlv.at;
    if (tlv.state !== 'whole') return this.partOf({ tag, content, start, end, stated: -1 });
    tlv.next();
    const stated = tlv.kind === tlvKind.unsigned && tlv.isNumber() ? tlv.numberHere() : -1;
    if (tlv.at >= tlv.end) tlv.fail('short');
    else if (tlv.bytes[tlv.at] !== endOfMessage) tlv.fail('malformed');
    else tlv.at += 1;
    if (tlv.state !== 'whole') return this.partOf({ tag, content, start, end, stated: -1 });
    return { tag, content, start, end, stated };
  }

  /** Entries that were read before the walk went wrong, for frames that are known to be whole. */
  private partOf(message: Message): Message | null {
    return message.content && this.tlv.state === 'malformed' ? message : null;
  }

  /**
   * Judges the checksum of a message of the bytes that are open. CRC-16/X-25 is sent low byte
   * first, Holley's CRC-16/KERMIT high byte first.
   */
  checksumOf({ start, end, stated }: Message): MessageChecksum {
    const { bytes } = this.tlv;
    const swapped = ((stated & 0xff) << 8) | (stated >> 8);
    if (crc16X25(bytes, start, end) === swapped) return 'x25';
    return crc16Kermit(bytes, start, end) === stated ? 'kermit' : 'wrong';
  }
}
