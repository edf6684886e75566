import { Buffer } from 'node:buffer';
import { secure, securityBit, systemTitleBytes } from '../framing/aes-gcm.js';
import { frameTag } from './encrypted-frame.js';

export interface EncryptionDescription {
  /** Eight bytes: the manufacturer's three letters and a number. */
  readonly systemTitle: Uint8Array;
  /** Never the same twice with one key. */
  readonly invocationCounter: number;
  /** Sixteen bytes each; without an authentication key there is no tag. */
  readonly key: Uint8Array;
  readonly authenticationKey?: Uint8Array;
}

/** The frame that a meter with encryption makes of a telegram. */
export function encodeEncryptedDsmr(
  telegram: Uint8Array,
  description: EncryptionDescription,
): Uint8Array {
  const { systemTitle, authenticationKey } = description;
  if (systemTitle.length !== systemTitleBytes) throw new RangeError('a system title has 8 bytes');
  const tagged = authenticationKey ? securityBit.authenticated : 0;
  const securityControl = securityBit.encrypted | tagged;
  const service = secure(telegram, { ...description, securityControl });
  const length = Buffer.from([0x82, service.length >> 8, service.length & 0xff]);
  return Buffer.concat([Buffer.from([frameTag, systemTitleBytes]), systemTitle, length, service]);
}
