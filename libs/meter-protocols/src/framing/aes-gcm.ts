import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * What a meter secures with its keys (IEC 62056-5-3 §5.7, Green Book §9.2.7), in whichever frame it
 * comes: AES-GCM with the initialization vector system title ‖ invocation counter and a tag of 12
 * bytes.
 */
export interface Secured {
  /** 8 bytes: the manufacturer's three letters and five bytes of its own. */
  readonly systemTitle: Uint8Array;
  /** The security suite in the low four bits, then `securityBit`. */
  readonly securityControl: number;
  /** Never the same twice with one key. */
  readonly invocationCounter: number;
  /** The ciphered or clear body, with the tag behind it where there is one. */
  readonly content: Uint8Array;
  /** What is authenticated besides: the header fields of general-ciphering. */
  readonly header?: Uint8Array;
}

export interface Keys {
  readonly key?: Uint8Array | undefined;
  readonly authenticationKey?: Uint8Array | undefined;
}

export const securityBit = {
  authenticated: 0x10,
  encrypted: 0x20,
  broadcastKey: 0x40,
  compressed: 0x80,
} as const;

export const systemTitleBytes = 8;
export const tagBytes = 12;
/** Security control and invocation counter, in front of the content. */
export const securityHeaderBytes = 5;

/** Reads security header and content; `service` holds at least the header. */
export const readSecured = (systemTitle: Uint8Array, service: Uint8Array): Secured => ({
  systemTitle,
  securityControl: service[0]!,
  invocationCounter: new DataView(service.buffer, service.byteOffset).getUint32(1),
  content: service.subarray(securityHeaderBytes),
});

export const isAuthenticated = ({ securityControl }: Pick<Secured, 'securityControl'>): boolean =>
  (securityControl & securityBit.authenticated) !== 0;
export const isEncrypted = ({ securityControl }: Pick<Secured, 'securityControl'>): boolean =>
  (securityControl & securityBit.encrypted) !== 0;

/** The content without its tag; empty where it is too short for one. */
export const bodyOf = (secured: Secured): Uint8Array =>
  isAuthenticated(secured) ? secured.content.subarray(0, -tagBytes) : secured.content;

/** The body in clear, as the key makes it; whether the key was the right one is not known by it. */
export function clearBody(secured: Secured, key: Uint8Array): Uint8Array {
  const body = bodyOf(secured);
  // GCM without its check is plain counter mode.
  return isEncrypted(secured) ? decipherer(secured, key).update(body) : body;
}

/** Whether the tag, which has to be there, proves both keys and every bit of the content. */
export function isTagRight(
  secured: Secured,
  key: Uint8Array,
  authenticationKey: Uint8Array,
): boolean {
  const body = bodyOf(secured);
  const check = decipherer(secured, key);
  check.setAAD(additionalData(secured, authenticationKey, body));
  check.setAuthTag(secured.content.subarray(-tagBytes));
  try {
    if (isEncrypted(secured)) check.update(body);
    check.final();
    return true;
  } catch {
    // `final` has no other way to say that the tag is wrong.
    return false;
  }
}

export interface Securing extends Omit<Secured, 'content'> {
  readonly key: Uint8Array;
  readonly authenticationKey?: Uint8Array | undefined;
}

/** Security header, body and tag, as they stand in a meter's frame. */
export function secure(plain: Uint8Array, securing: Securing): Uint8Array {
  const { securityControl, invocationCounter, key, authenticationKey } = securing;
  const cipher = createCipheriv(cipherName(key), key, initializationVector(securing), gcm);
  if (isAuthenticated(securing)) {
    cipher.setAAD(additionalData(securing, authenticationKey ?? noBytes, plain));
  }
  const body = isEncrypted(securing) ? cipher.update(plain) : plain;
  cipher.final();
  const header = Buffer.alloc(securityHeaderBytes, securityControl);
  header.writeUInt32BE(invocationCounter, 1);
  const tag = isAuthenticated(securing) ? cipher.getAuthTag() : noBytes;
  return Uint8Array.from(Buffer.concat([header, body, tag]));
}

/** The content with another plain text of the same length; without a tag that nobody verified. */
export function resecure(
  secured: Secured,
  plain: Uint8Array,
  { key, authenticationKey }: Keys,
  verified: boolean,
): Uint8Array {
  if (!key) return plain;
  const service = secure(plain, { ...secured, key, authenticationKey });
  const content = service.subarray(securityHeaderBytes);
  return verified ? content : content.subarray(0, plain.length);
}

const noBytes = new Uint8Array(0);
const gcm = { authTagLength: tagBytes } as const;

const cipherName = (key: Uint8Array) => (key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm');

const decipherer = (secured: Secured, key: Uint8Array) =>
  createDecipheriv(cipherName(key), key, initializationVector(secured), gcm);

function initializationVector({
  systemTitle,
  invocationCounter,
}: Pick<Secured, 'systemTitle' | 'invocationCounter'>): Uint8Array {
  const vector = Buffer.alloc(systemTitleBytes + 4);
  vector.set(systemTitle);
  vector.writeUInt32BE(invocationCounter, systemTitleBytes);
  return vector;
}

/** A body that is sent in clear is authenticated as additional data. */
const additionalData = (
  secured: Pick<Secured, 'securityControl' | 'header'>,
  authenticationKey: Uint8Array,
  body: Uint8Array,
): Uint8Array =>
  Buffer.concat([
    Uint8Array.of(secured.securityControl),
    authenticationKey,
    secured.header ?? noBytes,
    isEncrypted(secured) ? noBytes : body,
  ]);
