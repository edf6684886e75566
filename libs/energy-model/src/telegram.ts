/**
 * What a protocol decoder makes of bytes, before anyone knows what the meter is called here.
 * The same shape is printed by the command-line decoder.
 */
export interface Telegram {
  readonly protocol: string;
  readonly meter: {
    /** Serial or equipment number as the meter states it. */
    readonly id?: string;
    readonly manufacturer?: string;
    readonly model?: string;
  };
  /** The meter's own time (ISO 8601 with offset), or null where the telegram carries none. */
  readonly at: string | null;
  /** In the order of the telegram. */
  readonly registers: readonly Register[];
  /** True where a checksum or authentication tag covered the telegram and was right. */
  readonly checked: boolean;
  readonly warnings: readonly string[];
}

/** One value as the meter states it, in the meter's own unit. */
export interface Register {
  /** `A-B:C.D.E`; absent where the protocol has no OBIS codes and gives a label instead. */
  readonly obis?: string;
  /** The protocol's own name for the value (TIC label, Modbus or M-Bus record). */
  readonly label?: string;
  readonly value: number | string;
  readonly unit?: string;
  /** When the value was captured, if the register has its own time (M-Bus channels, peaks). */
  readonly at?: string;
}

export const faultCodes = [
  'truncated',
  'checksum',
  'malformed',
  'unsupported',
  'oversize',
  'decryption',
  'noise',
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** Bytes that did not become a telegram: a result, not an exception. */
export interface Fault {
  readonly protocol: string;
  readonly fault: FaultCode;
  /** Where it began, counted in bytes from the start of the stream. */
  readonly offset: number;
  /** What is wrong and, where it helps, what to do. */
  readonly detail: string;
}

export const isFault = (result: Telegram | Fault): result is Fault => 'fault' in result;
