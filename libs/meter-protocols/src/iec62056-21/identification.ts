import type { Telegram } from '@wattbus/energy-model';

/**
 * The identification line (IEC 62056-21, §6.3.2 and §6.3.14): `/XXXZ\W…`, three letters of the
 * manufacturer, the proposed rate, escaped mode characters and the meter's own name.
 */
const line = /^([A-Za-z]{3})(?:([0-9A-I])((?:\\.)*))?(.*)$/s;

export interface Identification {
  readonly meter: Telegram['meter'];
  readonly mode: 'A' | 'B' | 'C';
  /** The rate after the sign-on, in modes B and C. */
  readonly baudRate: number | null;
  /** The character that the acknowledgement of mode C repeats. */
  readonly rateCharacter: string;
  /** A lower-case third letter announces a reaction time of 20 ms instead of 200 ms (§6.3.2). */
  readonly quick: boolean;
}

/** §6.3.14 item 13: digits are mode C, letters mode B. */
const modeRates = {
  C: [300, 600, 1200, 2400, 4800, 9600, 19200],
  B: [600, 1200, 2400, 4800, 9600, 19200],
} as const;

/** `text` is the line without its leading `/`; null where it cannot be an identification. */
export function readIdentification(text: string): Identification | null {
  const match = line.exec(text);
  if (!match) return null;
  const [, letters = '', rateCharacter = '', , name = ''] = match;
  const model = name.trim();
  const mode = rateCharacter === '' ? 'A' : rateCharacter <= '9' ? 'C' : 'B';
  return {
    meter: { manufacturer: letters.toUpperCase(), ...(model === '' ? {} : { model }) },
    mode,
    baudRate: mode === 'A' ? null : rateOf(mode, rateCharacter),
    rateCharacter,
    quick: /[a-z]/.test(letters[2]!),
  };
}

function rateOf(mode: 'B' | 'C', character: string): number | null {
  const first = mode === 'C' ? '0' : 'A';
  return modeRates[mode][character.charCodeAt(0) - first.charCodeAt(0)] ?? null;
}
