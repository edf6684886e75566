export const soh = 0x01;
export const stx = 0x02;
export const etx = 0x03;
export const eot = 0x04;
export const ack = 0x06;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const blank = 0x20;
export const bang = 0x21;
export const openParenthesis = 0x28;
export const closeParenthesis = 0x29;
export const slash = 0x2f;
export const del = 0x7f;

/** Characters have 7 bits; a port set to 8N1 leaves the parity in the eighth. */
export const sevenBits = 0x7f;

export const isLineEnd = (character: number): boolean =>
  character === carriageReturn || character === lineFeed;

/**
 * The block check character (IEC 62056-21, §6.3.14 item 8, and ISO 1155): the longitudinal parity of
 * what follows STX (or SOH), up to and including ETX.
 */
export function blockCheck(bytes: Uint8Array, start: number, end: number): number {
  let parity = 0;
  for (let index = start; index < end; index += 1) parity ^= bytes[index]!;
  return parity & sevenBits;
}

const isControl = (character: number): boolean => character < blank || character === del;

/** Characters that mean something to the framing; parity makes two bytes of each. */
const marks = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = byte & sevenBits;
  const isMark = isControl(character) && !isLineEnd(character);
  return isMark || character === bang || character === slash ? 1 : 0;
});

/** Where the next of them is, from `from` on; the length where there is none. */
export function nextMark(held: Uint8Array, from: number): number {
  const { length } = held;
  let at = from;
  while (at < length && marks[held[at]!] === 0) at += 1;
  return at;
}

/** What a message may begin with. */
export const isBeginning = (character: number): boolean =>
  character === slash || character === stx || character === soh;
/** After it is known whether a parenthesis is open. */
export const decides = (character: number): boolean =>
  character === openParenthesis || character === closeParenthesis || isLineEnd(character);
/** What a command of the programming mode consists of, up to its ETX. */
export const isOfCommand = (character: number): boolean =>
  character === stx || (character >= blank && character !== slash);
export const isBlockEnd = (character: number): boolean => character === etx || character === eot;
