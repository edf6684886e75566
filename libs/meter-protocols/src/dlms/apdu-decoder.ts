import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { tagBytes } from '../framing/aes-gcm.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { isNotification, readNotification } from './apdu.js';
import { decipher, isCiphered, readCiphered } from './ciphering.js';
import { isPrintable } from './octets.js';
import { PartCollector, blockTransferTag, readBlock } from './reassembly.js';
import { protocolName, readTelegram } from './telegram.js';

/** Where an APDU came from, for faults and for what is known of it already. */
export interface Origin {
  /** Of the frame, counted in bytes from the start of the stream. */
  readonly offset: number;
  /** A checksum covered it and was right. */
  readonly checked: boolean;
}

interface Envelope extends Origin {
  readonly systemTitle: Uint8Array | null;
  readonly warnings: readonly string[];
}

/** Ciphered blocks of ciphered APDUs are nowhere nested deeper. */
const nestingMax = 3;
const tagNotVerified = 'the authentication tag was not verified: no authentication key is set';
const checksumWrong = 'taken although the checksum is wrong (lenient)';

/** APDUs to telegrams: general block transfer, ciphering, notifications. */
export class ApduDecoder {
  private readonly blocks = new PartCollector('block');

  constructor(private readonly options: DecoderOptions) {}

  /** Forgets blocks that wait for others, because one in between was damaged. */
  reset(): void {
    this.blocks.reset();
  }

  decode(apdu: Uint8Array, origin: Origin, results: (Telegram | Fault)[]): void {
    const warnings = origin.checked || !this.options.lenient ? [] : [checksumWrong];
    this.decodeNested(apdu, { ...origin, systemTitle: null, warnings }, results, 0);
  }

  private decodeNested(
    apdu: Uint8Array,
    envelope: Envelope,
    results: (Telegram | Fault)[],
    depth: number,
  ): void {
    const tag = apdu[0];
    if (depth > nestingMax) results.push(fault(envelope, 'malformed', 'APDUs nested too deeply'));
    else if (tag === blockTransferTag) this.decodeBlock(apdu, envelope, results, depth);
    else if (isCiphered(tag)) this.decodeCiphered(apdu, envelope, results, depth);
    else if (isNotification(tag)) results.push(this.decodeNotification(apdu, envelope));
    else {
      const detail = isP1Telegram(apdu)
        ? 'an encrypted P1 telegram: protocol dsmr reads it'
        : `APDU with tag ${tag?.toString(16) ?? 'none'} is not a notification`;
      results.push(fault(envelope, 'unsupported', detail));
    }
  }

  private decodeBlock(
    apdu: Uint8Array,
    envelope: Envelope,
    results: (Telegram | Fault)[],
    depth: number,
  ): void {
    const block = readBlock(apdu, 0, apdu.length);
    if (block.kind === 'malformed') {
      this.blocks.reset();
      results.push(fault(envelope, 'malformed', 'general block transfer with a wrong length'));
      return;
    }
    const whole = this.blocks.add(block);
    if (whole.kind === 'fault') results.push(fault(envelope, whole.fault, whole.detail));
    if (whole.kind !== 'whole') return;
    if (whole.lostBefore) results.push(fault(envelope, 'truncated', whole.lostBefore));
    this.decodeNested(whole.bytes, envelope, results, depth + 1);
  }

  private decodeCiphered(
    apdu: Uint8Array,
    envelope: Envelope,
    results: (Telegram | Fault)[],
    depth: number,
  ): void {
    const ciphered = readCiphered(apdu, 0, apdu.length);
    if (ciphered.kind !== 'ciphered') {
      const code = ciphered.kind === 'incomplete' ? 'truncated' : 'malformed';
      results.push(fault(envelope, code, 'ciphered APDU with a wrong length'));
      return;
    }
    const keys = { key: this.options.key, authenticationKey: this.options.authenticationKey };
    const plain = decipher(ciphered, keys, isSaneApdu, isLoggedApdu);
    if (plain.kind === 'fault') {
      results.push(fault(envelope, 'decryption', plain.detail));
      return;
    }
    const isAuthenticated = (ciphered.securityControl & 0x10) !== 0;
    const { warnings } = envelope;
    const inner: Envelope = {
      ...envelope,
      systemTitle: ciphered.systemTitle,
      checked: envelope.checked || plain.verified,
      // A right tag says more than the checksum of the frame around it.
      warnings: plain.verified
        ? warnings.filter((warning) => warning !== checksumWrong)
        : isAuthenticated
          ? [...warnings, tagNotVerified]
          : warnings,
    };
    this.decodeNested(plain.bytes, inner, results, depth + 1);
  }

  private decodeNotification(apdu: Uint8Array, envelope: Envelope): Telegram | Fault {
    const notification = readNotification(apdu, 0, apdu.length, true);
    if (notification.kind !== 'notification') {
      const code = notification.kind === 'incomplete' ? 'truncated' : 'malformed';
      return fault(envelope, code, 'notification that does not follow the encoding rules');
    }
    const telegram = readTelegram(apdu, notification, {
      standardOffsetMinutes: this.options.standardOffsetMinutes,
      systemTitle: envelope.systemTitle,
      checked: envelope.checked,
      warnings:
        notification.missing > 0
          ? [...envelope.warnings, `${notification.missing} of the values counted are missing`]
          : envelope.warnings,
    });
    return telegram ?? fault(envelope, 'unsupported', 'notification without values');
  }
}

/**
 * Whether decrypted bytes are an APDU: the whole structure must hold. A tag that nobody removed
 * may follow it.
 */
export function isSaneApdu(plain: Uint8Array): boolean {
  const tag = plain[0];
  if (tag === blockTransferTag) return readBlock(plain, 0, plain.length).kind === 'block';
  if (isCiphered(tag)) return readCiphered(plain, 0, plain.length).kind === 'ciphered';
  if (isP1Telegram(plain)) return true;
  if (!isNotification(tag)) return false;
  const notification = readNotification(plain, 0, plain.length, true);
  return notification.kind === 'notification' && plain.length - notification.next <= tagBytes;
}

/** Ciphered text begins like a block once in 256 times; a whole notification it never is. */
export const isLoggedApdu = (bytes: Uint8Array): boolean =>
  isNotification(bytes[0]) && isSaneApdu(bytes);

const p1HeadBytes = 5;

/** Meters of Luxembourg and others cipher the text of P1 in the same way: `/XXX5`. */
const isP1Telegram = (plain: Uint8Array): boolean =>
  plain[0] === 0x2f && plain.length > p1HeadBytes && isPrintable(plain, 0, p1HeadBytes);

export const fault = (origin: Origin, code: FaultCode, detail: string): Fault => ({
  protocol: protocolName,
  fault: code,
  offset: origin.offset,
  detail,
});
