import type { WattbusConfig } from '@wattbus/service-config';

/** One line of the doctor's report. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fault';
  readonly what: string;
  /** How it is and, where it is not ok, what to do. */
  readonly text: string;
}

export type Check = (config: WattbusConfig) => Promise<readonly Finding[]>;

export const ok = (what: string, text: string): Finding => ({ level: 'ok', what, text });
export const warn = (what: string, text: string): Finding => ({ level: 'warn', what, text });
export const fault = (what: string, text: string): Finding => ({ level: 'fault', what, text });

/** No check waits longer for another program. */
export const ANSWER_MS_MAX = 5_000;

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error as Error).message;
