import { createDecipheriv } from 'node:crypto';

/**
 * Encrypted P1, as the meters of Luxembourg, Austria and Sweden send it: a general-glo-ciphering
 * APDU (IEC 62056-5-3, §5.7) around a whole telegram:
 * `DB 08` system title, length, security control, invocation counter, ciphered text, tag.
 */
export interface EncryptedFrame {
  readonly systemTitle: Uint8Array;
  readonly securityControl: number;
  readonly invocationCounter: Uint8Array;
  /** The ciphered text, with the tag behind it where the security control says so. */
  readonly content: Uint8Array;
  /** Of the whole frame. */
  readonly bytes: number;
}

export interface P1Keys {
  readonly key?: Uint8Array | undefined;
  readonly authenticationKey?: Uint8Array | undefined;
}

/** `verified`: the authentication tag was there and right. */
export type Decrypted =
  | { readonly plain: Uint8Array; readonly verified: boolean }
  | { readonly fault: 'decryption' | 'unsupported'; readonly detail: string };

export const frameTag = 0xdb;
export const systemTitleBytes = 8;
export const tagBytes = 12;
export const keyBytes = 16;
const titleStart = 2;
const lengthStart = titleStart + systemTitleBytes;
const counterBytes = 4;
const slash = 0x2f;
const dataNotification = 0x0f;

const authenticated = 0x10;
const encrypted = 0x20;
/** Suites 0 and 1, both AES-GCM-128; no compression, no broadcast key. */
const otherBits = 0xce;

/** Luxembourg's public authentication key (Smarty P1 specification, §3.2.5). */
const publicAuthenticationKey = Uint8Array.from({ length: keyBytes }, (_, index) => index * 0x11);

/**
 * The frame at the front of `held`; `incomplete` while bytes of it are missing, `none` where these
 * bytes cannot be one: then the tag was a byte of something else.
 */
export function readEncryptedFrame(
  held: Uint8Array,
  bytesMax: number,
): EncryptedFrame | 'incomplete' | 'none' {
  if (held.length > 1 && held[1] !== systemTitleBytes) return 'none';
  if (held.length <= lengthStart) return 'incomplete';
  const lengthOctets = { 0x81: 1, 0x82: 2 }[held[lengthStart]!];
  if (lengthOctets === undefined) return 'none';
  const serviceStart = lengthStart + 1 + lengthOctets;
  if (held.length <= serviceStart) return 'incomplete';
  let serviceBytes = 0;
  for (const octet of held.subarray(lengthStart + 1, serviceStart)) {
    serviceBytes = serviceBytes * 256 + octet;
  }
  const securityControl = held[serviceStart]!;
  const tag = securityControl & authenticated ? tagBytes : 0;
  const bytes = serviceStart + serviceBytes;
  const plausible =
    (securityControl & otherBits) === 0 &&
    securityControl >= authenticated &&
    serviceBytes > 1 + counterBytes + tag &&
    bytes <= bytesMax;
  if (!plausible) return 'none';
  if (held.length < bytes) return 'incomplete';
  return {
    systemTitle: held.subarray(titleStart, lengthStart),
    securityControl,
    invocationCounter: held.subarray(serviceStart + 1, serviceStart + 1 + counterBytes),
    content: held.subarray(serviceStart + 1 + counterBytes, bytes),
    bytes,
  };
}

/**
 * The telegram within. Without a tag, or without the authentication key for it, only the look of
 * the plain text tells a right key; the telegram's own checksum is still to be seen after that.
 */
export function decryptFrame(frame: EncryptedFrame, keys: P1Keys): Decrypted {
  const { content, securityControl } = frame;
  const isEncrypted = (securityControl & encrypted) !== 0;
  const isAuthenticated = (securityControl & authenticated) !== 0;
  const { key, authenticationKey } = keys;
  const body = isAuthenticated ? content.subarray(0, -tagBytes) : content;
  if (!key && isEncrypted) {
    return failed("telegram is encrypted: set the meter's key, which the grid operator gives out");
  }
  if (key && key.length !== keyBytes) return failed(`the key needs ${keyBytes} bytes`);
  const plain = key && isEncrypted ? counterMode(frame, key, body) : body;
  if (plain[0] === dataNotification) {
    return { fault: 'unsupported', detail: 'the telegram is a DLMS notification: use dlms' };
  }
  if (plain[0] !== slash) return failed('the decrypted text is no telegram: the key is wrong');
  if (!isAuthenticated || !key) return { plain, verified: false };
  const verified = isTagRight(frame, key, authenticationKey ?? publicAuthenticationKey);
  if (!verified && authenticationKey) {
    return failed('the authentication tag is wrong: wrong authentication key, or damaged');
  }
  return { plain, verified };
}

const failed = (detail: string): Decrypted => ({ fault: 'decryption', detail });

/** GCM without its tag is counter mode. */
const counterMode = (frame: EncryptedFrame, key: Uint8Array, body: Uint8Array): Uint8Array =>
  createDecipheriv('aes-128-gcm', key, initialVector(frame), { authTagLength: tagBytes }).update(
    body,
  );

function isTagRight(
  frame: EncryptedFrame,
  key: Uint8Array,
  authenticationKey: Uint8Array,
): boolean {
  const { content, securityControl } = frame;
  const body = content.subarray(0, -tagBytes);
  const isEncrypted = (securityControl & encrypted) !== 0;
  const decipher = createDecipheriv('aes-128-gcm', key, initialVector(frame), {
    authTagLength: tagBytes,
  });
  const clear = isEncrypted ? new Uint8Array(0) : body;
  decipher.setAAD(Uint8Array.from([securityControl, ...authenticationKey, ...clear]));
  decipher.setAuthTag(content.subarray(-tagBytes));
  try {
    if (isEncrypted) decipher.update(body);
    decipher.final();
    return true;
  } catch {
    // `final` has no other way to say that the tag is wrong.
    return false;
  }
}

export function initialVector(
  frame: Pick<EncryptedFrame, 'systemTitle' | 'invocationCounter'>,
): Uint8Array {
  return Uint8Array.from([...frame.systemTitle, ...frame.invocationCounter]);
}
