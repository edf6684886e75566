import { Buffer } from 'node:buffer';
import { createCipheriv } from 'node:crypto';
import { frameTag, initialVector, systemTitleBytes, tagBytes } from './encrypted-frame.js';

export interface EncryptionDescription {
  /** Eight bytes: the manufacturer's three letters and a number. */
  readonly systemTitle: Uint8Array;
  /** Never the same twice with one key. */
  readonly invocationCounter: number;
  /** Sixteen bytes each; without an authentication key there is no tag. */
  readonly key: Uint8Array;
  readonly authenticationKey?: Uint8Array;
}

const encryptedOnly = 0x20;
const encryptedAndAuthenticated = 0x30;

/** The frame that a meter with encryption makes of a telegram. */
export function encodeEncryptedDsmr(
  telegram: Uint8Array,
  { systemTitle, invocationCounter, key, authenticationKey }: EncryptionDescription,
): Uint8Array {
  if (systemTitle.length !== systemTitleBytes) throw new RangeError('a system title has 8 bytes');
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(invocationCounter);
  const securityControl = authenticationKey ? encryptedAndAuthenticated : encryptedOnly;
  const vector = initialVector({ systemTitle, invocationCounter: counter });
  const cipher = createCipheriv('aes-128-gcm', key, vector, { authTagLength: tagBytes });
  if (authenticationKey) cipher.setAAD(Buffer.from([securityControl, ...authenticationKey]));
  const ciphered = Buffer.concat([cipher.update(telegram), cipher.final()]);
  const tag = authenticationKey ? cipher.getAuthTag() : Buffer.alloc(0);
  const service = Buffer.concat([Buffer.from([securityControl]), counter, ciphered, tag]);
  const length = Buffer.from([0x82, service.length >> 8, service.length & 0xff]);
  return Buffer.concat([Buffer.from([frameTag, systemTitleBytes]), systemTitle, length, service]);
}
