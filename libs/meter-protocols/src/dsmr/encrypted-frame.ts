import {
  bodyOf,
  clearBody,
  isAuthenticated,
  isEncrypted,
  isTagRight,
  readSecured,
  securityBit,
  securityHeaderBytes,
  systemTitleBytes,
  tagBytes,
  type Keys,
  type Secured,
} from '../framing/aes-gcm.js';

/**
 * Encrypted P1, as the meters of Luxembourg, Austria and Sweden send it: a general-glo-ciphering
 * APDU (IEC 62056-5-3, §5.7) around a whole telegram:
 * `DB 08` system title, length, security control, invocation counter, ciphered text, tag.
 */
export interface EncryptedFrame extends Secured {
  /** Of the whole frame. */
  readonly bytes: number;
}

/** `verified`: the authentication tag was there and right. */
export type Decrypted =
  | { readonly plain: Uint8Array; readonly verified: boolean }
  | { readonly fault: 'decryption' | 'unsupported'; readonly detail: string };

export const frameTag = 0xdb;
const keyBytes = 16;
const titleStart = 2;
const lengthStart = titleStart + systemTitleBytes;
const slash = 0x2f;
const dataNotification = 0x0f;

/** Suites 0 and 1, both AES-GCM-128; no compression, no broadcast key. */
const otherBits = 0xce;

/** Luxembourg's public authentication key (Smarty P1 specification, §3.2.5). */
export const publicAuthenticationKey = Uint8Array.from(
  { length: keyBytes },
  (_, index) => index * 0x11,
);

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
  const tag = isAuthenticated({ securityControl }) ? tagBytes : 0;
  const bytes = serviceStart + serviceBytes;
  const plausible =
    (securityControl & otherBits) === 0 &&
    securityControl >= securityBit.authenticated &&
    serviceBytes > securityHeaderBytes + tag &&
    bytes <= bytesMax;
  if (!plausible) return 'none';
  if (held.length < bytes) return 'incomplete';
  const systemTitle = held.subarray(titleStart, lengthStart);
  return { ...readSecured(systemTitle, held.subarray(serviceStart, bytes)), bytes };
}

/**
 * The telegram within. Without a tag, or without the authentication key for it, only the look of
 * the plain text tells a right key; the telegram's own checksum is still to be seen after that.
 */
export function decryptFrame(frame: EncryptedFrame, keys: Keys): Decrypted {
  const { key, authenticationKey } = keys;
  if (!key && isEncrypted(frame)) {
    return failed("telegram is encrypted: set the meter's key, which the grid operator gives out");
  }
  if (key && key.length !== keyBytes) return failed(`the key needs ${keyBytes} bytes`);
  const plain = key ? clearBody(frame, key) : bodyOf(frame);
  if (plain[0] === dataNotification) {
    return { fault: 'unsupported', detail: 'the telegram is a DLMS notification: use dlms' };
  }
  if (plain[0] !== slash) return failed('the decrypted text is no telegram: the key is wrong');
  if (!isAuthenticated(frame) || !key) return { plain, verified: false };
  const verified = isTagRight(frame, key, authenticationKey ?? publicAuthenticationKey);
  if (!verified && authenticationKey) {
    return failed('the authentication tag is wrong: wrong authentication key, or damaged');
  }
  return { plain, verified };
}

const failed = (detail: string): Decrypted => ({ fault: 'decryption', detail });
