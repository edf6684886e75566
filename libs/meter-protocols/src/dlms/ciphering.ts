import {
  bodyOf,
  clearBody,
  isAuthenticated,
  isEncrypted,
  isTagRight,
  readSecured,
  secure,
  securityBit,
  securityHeaderBytes,
  systemTitleBytes,
  type Keys,
  type Secured,
  type Securing,
} from '../framing/aes-gcm.js';
import type { Unreadable } from './axdr.js';
import { AxdrReader } from './axdr.js';
import { concatenate, encodeLength, hex } from './octets.js';

/** Ciphered APDUs (IEC 62056-5-3 §5.7, Green Book §9.2.7). */
export const cipheringTag = {
  generalGloCiphering: 0xdb,
  generalDedCiphering: 0xdc,
  generalCiphering: 0xdd,
} as const;

const tags: ReadonlySet<number> = new Set(Object.values(cipheringTag));
export const isCiphered = (tag: number | undefined): boolean => tag !== undefined && tags.has(tag);

export interface CipheredApdu extends Secured {
  readonly kind: 'ciphered';
  readonly header: Uint8Array;
  /** The index after the APDU. */
  readonly next: number;
}

/** `verified`: a tag covered the content and was right. */
export type Deciphered =
  | { readonly kind: 'plain'; readonly bytes: Uint8Array; readonly verified: boolean }
  | { readonly kind: 'fault'; readonly detail: string };

const keyBytesBySuite: readonly number[] = [16, 16, 32];

/** Reads the header of a ciphered APDU that begins at `start`. */
export function readCiphered(
  bytes: Uint8Array,
  start: number,
  end: number,
): CipheredApdu | Unreadable {
  const reader = new AxdrReader(bytes, start + 1, end);
  const failed = () => ({ kind: reader.failure });
  const octets = (): Uint8Array | null => {
    const length = reader.readLength();
    if (length === null) return null;
    if (reader.position + length > end) {
      reader.failure = 'incomplete';
      return null;
    }
    reader.position += length;
    return bytes.subarray(reader.position - length, reader.position);
  };
  const general = bytes[start] === cipheringTag.generalCiphering;
  // general-ciphering: transaction id, originator's title, recipient's title, time, other, key.
  if (general && octets() === null) return failed();
  const systemTitle = octets();
  if (systemTitle === null) return failed();
  if (general) {
    for (let field = 0; field < 3; field += 1) if (octets() === null) return failed();
  }
  const header = general ? bytes.subarray(start + 1, reader.position) : new Uint8Array(0);
  if (general && !skipKeyInfo(bytes, reader, end)) return failed();
  const service = octets();
  if (service === null) return failed();
  if (systemTitle.length !== systemTitleBytes || service.length < securityHeaderBytes) {
    return { kind: 'malformed' };
  }
  return {
    kind: 'ciphered',
    ...readSecured(systemTitle, service),
    header,
    next: reader.position,
  };
}

/** `key-info OPTIONAL`; only absent and identified-key (0) mean the key that we have. */
function skipKeyInfo(bytes: Uint8Array, reader: AxdrReader, end: number): boolean {
  const [present, choice] = [bytes[reader.position], bytes[reader.position + 1]];
  const size = present === 0 ? 1 : 3;
  if (reader.position + size > end) reader.failure = 'incomplete';
  else if (present === 0 || (present === 1 && choice === 0)) {
    reader.position += size;
    return true;
  } else reader.failure = 'malformed';
  return false;
}

/**
 * The plain APDU. `isSane` tells whether bytes can be one: without a tag, or without the key for
 * it, that is all that reveals a wrong key. `isLogged` tells it of bytes that should be ciphered,
 * and must not be true by chance.
 */
export function decipher(
  apdu: CipheredApdu,
  keys: Keys,
  isSane: (plain: Uint8Array) => boolean,
  isLogged = isSane,
): Deciphered {
  const { securityControl, content } = apdu;
  const keyBytes = keyBytesBySuite[securityControl & 0x0f];
  if (securityControl & securityBit.compressed || keyBytes === undefined) {
    return fault(apdu, 'uses a security suite or compression that is not supported');
  }
  const encrypted = isEncrypted(apdu);
  const authenticated = isAuthenticated(apdu);
  if (!authenticated && !encrypted) return { kind: 'plain', bytes: content, verified: false };
  // Debug output of some readers has the plain text in the place of the ciphered one.
  if (encrypted && isLogged(content)) return { kind: 'plain', bytes: content, verified: false };
  const body = bodyOf(apdu);
  if (body.length === 0) return fault(apdu, 'is too short for its authentication tag');

  const { key, authenticationKey } = keys;
  if (!key) {
    if (!encrypted) return { kind: 'plain', bytes: body, verified: false };
    return fault(apdu, "is encrypted: set the meter's key (from the grid operator)");
  }
  if (key.length !== keyBytes) {
    return fault(apdu, `needs a key of ${keyBytes} bytes, the key set has ${key.length}`);
  }
  const decrypted = clearBody(apdu, key);
  if (!isSane(decrypted)) return fault(apdu, 'does not become readable: the key is wrong');
  if (!authenticated || !authenticationKey) {
    return { kind: 'plain', bytes: decrypted, verified: false };
  }
  return isTagRight(apdu, key, authenticationKey)
    ? { kind: 'plain', bytes: decrypted, verified: true }
    : fault(apdu, 'has a wrong authentication tag: wrong authentication key, or damaged');
}

function fault(apdu: CipheredApdu, detail: string): Deciphered {
  const title = hex(apdu.systemTitle);
  const counter = apdu.invocationCounter;
  return { kind: 'fault', detail: `APDU of system title ${title}, counter ${counter} ${detail}` };
}

/** A general-glo-ciphering APDU around `plain`, as a meter sends it. */
export function encodeCiphered(plain: Uint8Array, securing: Securing): Uint8Array {
  const { systemTitle } = securing;
  const service = secure(plain, securing);
  return concatenate([
    Uint8Array.of(cipheringTag.generalGloCiphering, systemTitle.length),
    systemTitle,
    encodeLength(service.length),
    service,
  ]);
}
