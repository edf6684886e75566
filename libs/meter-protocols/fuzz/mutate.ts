import type { Random } from './random.js';
import { repairs } from './repair.js';

export const inputBytesMax = 4096;
const mutationsMax = 6;
const tokenBytesMax = 12;
const floodBytesMax = 2048;

/** Numbers at the edges of what a length, a scaler or a count can be. */
const edges: readonly number[] = [
  0, 1, 2, 0x0f, 0x10, 0x1b, 0x68, 0x7e, 0x7f, 0x80, 0x82, 0xfe, 0xff,
];
/** Characters that texts turn on, and pieces that no frame of the conformance suite has. */
const words: readonly Uint8Array[] = [
  ...['\r\n', '\n', '!', '/', '(', ')', '*', ':', '.', '-', '\t', '\x02', '\x03', '\x01', '\x04'],
  ...['(240101000000', '99999999', '0.0000000001', '1e999', '{"', '":', '[[', 'null', 'W)', '\\u'],
  ...['__proto__', 'P.01', '&', 'kWh', 'm3', '0-1:24.2.1', '1-0:1.8.0', '.99*', 'FFFF', ',,'],
].map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0)));

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  (bytes, random) =>
    put(bytes, random.below(bytes.length), (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => put(bytes, random.below(bytes.length), () => random.below(256)),
  (bytes, random) => put(bytes, random.below(bytes.length), () => random.pick(edges)),
  (bytes, random) => put(bytes, random.below(bytes.length), (byte) => byte + random.below(9) - 4),
  (bytes, random) => cut(bytes, random, () => new Uint8Array(0)),
  (bytes, random) => cut(bytes, random, (piece) => join(piece, piece)),
  (bytes, random, other) => cut(bytes, random, () => slice(other, random, tokenBytesMax)),
  (bytes, random, other) => insert(bytes, random, slice(other, random, tokenBytesMax)),
  (bytes, random) => insert(bytes, random, random.pick(words)),
  (bytes, random) => cut(bytes, random, () => random.pick(words)),
  (bytes, random) => insert(bytes, random, Uint8Array.of(random.pick(edges))),
  (bytes, random, other) =>
    join(bytes.slice(0, random.below(bytes.length + 1)), other.slice(random.below(other.length))),
  (bytes, random, other) => insert(bytes, random, other),
  (bytes, random) => {
    const token = slice(bytes, random, tokenBytesMax);
    const flood = new Uint8Array(random.below(floodBytesMax)).map(
      (_, index) => token[index % token.length]!,
    );
    return insert(bytes, random, flood);
  },
];

/** A few changes to an input, some of them taken from another, and perhaps right checksums. */
export function mutate(
  protocol: string,
  input: Uint8Array,
  other: Uint8Array,
  random: Random,
): Uint8Array {
  let bytes = input;
  for (let turn = 1 + random.below(mutationsMax); turn > 0; turn -= 1) {
    const changed = random.pick(mutations)(bytes, random, other).slice(0, inputBytesMax);
    if (changed.length > 0) bytes = changed;
  }
  const known = repairs[protocol];
  return Uint8Array.from(known && random.below(3) > 0 ? random.pick(known)(bytes, random) : bytes);
}

function put(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = change(bytes[at]!);
  return changed;
}

/** Replaces a stretch, which is short more often than long. */
function cut(
  bytes: Uint8Array,
  random: Random,
  change: (piece: Uint8Array) => Uint8Array,
): Uint8Array {
  const from = random.below(bytes.length);
  const to = from + 1 + random.below(1 + random.below(random.pick([4, 16, bytes.length])));
  return join(bytes.slice(0, from), change(bytes.slice(from, to)), bytes.slice(to));
}

function insert(bytes: Uint8Array, random: Random, piece: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.slice(0, at), piece, bytes.slice(at));
}

function slice(bytes: Uint8Array, random: Random, lengthMax: number): Uint8Array {
  const from = random.below(bytes.length);
  return bytes.slice(from, from + 1 + random.below(lengthMax));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
