import { Buffer } from 'node:buffer';
import { blockCheck } from './control-characters.js';

/** What a simulated meter prints. */
export interface ReadOutDescription {
  /** Manufacturer's letters, rate character and name: `ISk5MT174-0001`. Absent in replies. */
  readonly identification?: string;
  readonly lines: readonly ReadOutLine[];
  /** STX, ETX and block check; meters that push their read-out leave them out. */
  readonly blockCheck?: boolean;
  /** Sets the eighth bit of every character to even parity, as a port set to 8N1 sees it. */
  readonly parityBit?: boolean;
}

/** A code and what stands in its parentheses; a number needs the digits that the meter shows. */
export interface ReadOutLine {
  readonly address: string;
  readonly values: readonly string[];
}

/** `1.8.0`, 12.5, 'kWh' → `1.8.0(000012.500*kWh)`. */
export function registerLine(
  address: string,
  value: number,
  unit: string,
  digits: { readonly whole: number; readonly decimals: number } = { whole: 6, decimals: 3 },
): ReadOutLine {
  const { whole, decimals } = digits;
  const width = whole + (decimals === 0 ? 0 : decimals + 1);
  const shown = Math.abs(value).toFixed(decimals).padStart(width, '0');
  return { address, values: [`${value < 0 ? '-' : ''}${shown}*${unit}`] };
}

/** The whole message: identification, data block and, if wanted, its block check. */
export function encodeReadOut(description: ReadOutDescription): Uint8Array {
  const { identification, lines } = description;
  const head = identification === undefined ? '' : `/${identification}\r\n`;
  const block = lines.map(({ address, values }) => `${address}(${values.join(')(')})\r\n`).join('');
  const text = description.blockCheck
    ? `${head}${encodeBlock(`${block}!\r\n`)}`
    : `${head}${head === '' ? '' : '\r\n'}${block}!\r\n`;
  const bytes = Buffer.from(text, 'latin1');
  return description.parityBit ? bytes.map(withEvenParity) : Uint8Array.from(bytes);
}

/** `STX data ETX BCC`. */
export function encodeBlock(data: string): string {
  const covered = Buffer.from(`${data}\x03`, 'latin1');
  return `\x02${data}\x03${String.fromCharCode(blockCheck(covered, 0, covered.length))}`;
}

function withEvenParity(character: number): number {
  let parity = character;
  for (const shift of [4, 2, 1]) parity ^= parity >> shift;
  return character | ((parity & 1) << 7);
}
