import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Unreadable } from './axdr.js';
import { AxdrReader } from './axdr.js';
import { concatenate, encodeLength, hex } from './octets.js';

/**
 * Ciphered APDUs (IEC 62056-5-3 §5.7, Green Book §9.2.7): AES-GCM with the initialization vector
 * system title ‖ invocation counter and a 12-byte tag.
 */
export const cipheringTag = {
  generalGloCiphering: 0xdb,
  generalDedCiphering: 0xdc,
  generalCiphering: 0xdd,
} as const;

const tags: ReadonlySet<number> = new Set(Object.values(cipheringTag));
export const isCiphered = (tag: number | undefined): boolean => tag !== undefined && tags.has(tag);

/** The security control byte: suite in the low four bits. */
export const securityBit = {
  authenticated: 0x10,
  encrypted: 0x20,
  broadcastKey: 0x40,
  compressed: 0x80,
} as const;

export interface CipheredApdu {
  readonly kind: 'ciphered';
  readonly systemTitle: Uint8Array;
  readonly securityControl: number;
  readonly invocationCounter: number;
  /** After the invocation counter, with the tag if there is one. */
  readonly content: Uint8Array;
  /** What `general-ciphering` authenticates beside the key: its header fields. */
  readonly header: Uint8Array;
  /** The index after the APDU. */
  readonly next: number;
}

export interface Keys {
  readonly key?: Uint8Array | undefined;
  readonly authenticationKey?: Uint8Array | undefined;
}

/** `verified`: a tag covered the content and was right. */
export type Deciphered =
  | { readonly kind: 'plain'; readonly bytes: Uint8Array; readonly verified: boolean }
  | { readonly kind: 'fault'; readonly detail: string };

export const tagBytes = 12;
const systemTitleBytes = 8;
const securityHeaderBytes = 5;
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
    systemTitle,
    securityControl: service[0]!,
    invocationCounter: new DataView(service.buffer, service.byteOffset).getUint32(1),
    content: service.subarray(securityHeaderBytes),
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
 * it, that is all that reveals a wrong key.
 */
export function decipher(
  apdu: CipheredApdu,
  keys: Keys,
  isSane: (plain: Uint8Array) => boolean,
): Deciphered {
  const { securityControl, content } = apdu;
  const authenticated = (securityControl & securityBit.authenticated) !== 0;
  const encrypted = (securityControl & securityBit.encrypted) !== 0;
  const suite = securityControl & 0x0f;
  const keyBytes = keyBytesBySuite[suite];
  if (securityControl & securityBit.compressed || keyBytes === undefined) {
    return fault(apdu, 'uses a security suite or compression that is not supported');
  }
  if (!authenticated && !encrypted) return { kind: 'plain', bytes: content, verified: false };
  // Debug output of some readers has the plain text in the place of the ciphered one.
  if (encrypted && isSane(content)) return { kind: 'plain', bytes: content, verified: false };
  const bodyEnd = authenticated ? content.length - tagBytes : content.length;
  if (bodyEnd < 1) return fault(apdu, 'is too short for its authentication tag');
  const body = content.subarray(0, bodyEnd);

  const { key, authenticationKey } = keys;
  if (!key) {
    if (!encrypted) return { kind: 'plain', bytes: body, verified: false };
    return fault(apdu, "is encrypted: set the meter's key (from the grid operator)");
  }
  if (key.length !== keyBytes) {
    return fault(apdu, `needs a key of ${keyBytes} bytes, the key set has ${key.length}`);
  }
  const decrypted = encrypted ? applyCounterMode(apdu, key, body) : body;
  if (!isSane(decrypted)) return fault(apdu, 'does not become readable: the key is wrong');
  if (!authenticated || !authenticationKey) {
    return { kind: 'plain', bytes: decrypted, verified: false };
  }
  return tagHolds(apdu, key, authenticationKey, body)
    ? { kind: 'plain', bytes: decrypted, verified: true }
    : fault(apdu, 'has a wrong authentication tag: wrong authentication key, or damaged');
}

function fault(apdu: CipheredApdu, detail: string): Deciphered {
  const title = hex(apdu.systemTitle);
  const counter = apdu.invocationCounter;
  return { kind: 'fault', detail: `APDU of system title ${title}, counter ${counter} ${detail}` };
}

const cipherName = (key: Uint8Array) => (key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm');

function initializationVector(apdu: CipherContext): Uint8Array {
  const vector = new Uint8Array(systemTitleBytes + 4);
  vector.set(apdu.systemTitle);
  new DataView(vector.buffer).setUint32(systemTitleBytes, apdu.invocationCounter);
  return vector;
}

type CipherContext = Pick<CipheredApdu, 'systemTitle' | 'invocationCounter'>;

/** GCM without its check is plain counter mode. */
function applyCounterMode(apdu: CipherContext, key: Uint8Array, body: Uint8Array): Uint8Array {
  return createDecipheriv(cipherName(key), key, initializationVector(apdu), {
    authTagLength: tagBytes,
  }).update(body);
}

function tagHolds(
  apdu: CipheredApdu,
  key: Uint8Array,
  authenticationKey: Uint8Array,
  body: Uint8Array,
): boolean {
  const encrypted = (apdu.securityControl & securityBit.encrypted) !== 0;
  const decipherer = createDecipheriv(cipherName(key), key, initializationVector(apdu), {
    authTagLength: tagBytes,
  });
  decipherer.setAAD(additionalData(apdu, authenticationKey, encrypted ? noBytes : body));
  decipherer.setAuthTag(apdu.content.subarray(apdu.content.length - tagBytes));
  try {
    if (encrypted) decipherer.update(body);
    decipherer.final();
    return true;
  } catch {
    // `final` has no other way to say that the tag is wrong.
    return false;
  }
}

const noBytes = new Uint8Array(0);

function additionalData(
  { securityControl, header }: Pick<CipheredApdu, 'securityControl' | 'header'>,
  authenticationKey: Uint8Array,
  plain: Uint8Array,
): Uint8Array {
  return concatenate([Uint8Array.of(securityControl), authenticationKey, header, plain]);
}

export interface CipherParameters extends Keys {
  /** 8 bytes: the manufacturer's three letters and five bytes of its own. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
  readonly securityControl: number;
  readonly key: Uint8Array;
}

/** A general-glo-ciphering APDU around `plain`, as a meter sends it. */
export function encodeCiphered(plain: Uint8Array, parameters: CipherParameters): Uint8Array {
  const { systemTitle, invocationCounter, securityControl, key, authenticationKey } = parameters;
  const authenticated = (securityControl & securityBit.authenticated) !== 0;
  const encrypted = (securityControl & securityBit.encrypted) !== 0;
  const cipher = createCipheriv(cipherName(key), key, initializationVector(parameters), {
    authTagLength: tagBytes,
  });
  if (authenticated) {
    const context = { securityControl, header: noBytes };
    cipher.setAAD(
      additionalData(context, authenticationKey ?? noBytes, encrypted ? noBytes : plain),
    );
  }
  const body = encrypted ? cipher.update(plain) : plain;
  cipher.final();
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, invocationCounter);
  const service = concatenate([
    Uint8Array.of(securityControl),
    counter,
    body,
    authenticated ? cipher.getAuthTag() : noBytes,
  ]);
  return concatenate([
    Uint8Array.of(cipheringTag.generalGloCiphering, systemTitle.length),
    systemTitle,
    encodeLength(service.length),
    service,
  ]);
}
