import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 2^14 blocks of 8: 16 MiB and some 50 ms for each guess. */
const COST = { log2N: 14, r: 8, p: 1 };
/** A hash that asks for more would let one login take the machine's memory. */
const LOG2_N_MAX = 17;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const HASH = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

interface Parsed {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** A salted hash as text: `$scrypt$ln=14,r=8,p=1$salt$key` (the PHC string format). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...COST, salt, key: Buffer.alloc(KEY_BYTES) });
  const { log2N, r, p } = COST;
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

export function isPasswordHash(hash: string): boolean {
  return parse(hash) !== null;
}

/** Compares in constant time; false as well where the hash is none. Works off the main thread. */
export async function verifyPassword(password: Buffer, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (parsed === null) return false;
  return timingSafeEqual(await derive(password, parsed), parsed.key);
}

function parse(hash: string): Parsed | null {
  const found = HASH.exec(hash);
  if (found === null) return null;
  const [log2N, r, p] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const [salt, key] = [Buffer.from(found[4]!, 'base64'), Buffer.from(found[5]!, 'base64')];
  const sane = log2N >= 1 && log2N <= LOG2_N_MAX && r >= 1 && p >= 1 && key.length >= 16;
  return sane ? { log2N, r, p, salt, key } : null;
}

function derive(password: string | Buffer, { log2N, r, p, salt, key }: Parsed): Promise<Buffer> {
  const N = 2 ** log2N;
  const options = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, options, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
