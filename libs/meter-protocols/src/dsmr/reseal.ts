import { resecure } from '../framing/aes-gcm.js';
import type { Change, DecoderOptions } from '../meter-protocol.js';
import {
  decryptFrame,
  frameTag,
  publicAuthenticationKey,
  readEncryptedFrame,
} from './encrypted-frame.js';

const titleStart = 2;

/** Changes every frame that the keys open, where it stands; the counters stay. */
export function resealDsmr(bytes: Uint8Array, options: DecoderOptions, change: Change): Uint8Array {
  const resealed = Uint8Array.from(bytes);
  for (let at = resealed.indexOf(frameTag); at >= 0; at = resealed.indexOf(frameTag, at)) {
    const held = resealed.subarray(at);
    const frame = readEncryptedFrame(held, held.length);
    const isFrame = frame !== 'none' && frame !== 'incomplete';
    const decrypted = isFrame ? decryptFrame(frame, options) : null;
    if (!isFrame || !decrypted || 'fault' in decrypted) {
      at += 1;
      continue;
    }
    const { plain, verified } = decrypted;
    const systemTitle = Uint8Array.from(frame.systemTitle);
    const changed = change({ plain: Uint8Array.from(plain), systemTitle });
    held.set(changed.systemTitle, titleStart);
    const keys = { authenticationKey: publicAuthenticationKey, ...options };
    frame.content.set(resecure(frame, changed.plain, keys, verified));
    at += frame.bytes;
  }
  return resealed;
}
