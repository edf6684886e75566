/** Lines that hold no bytes but may stand between those that do: an empty one, a comment. */
const isEmpty = (line: string): boolean => line.trim() === '' || /^\s*(?:#|\/\/)/.test(line);

const bytesLines = (text: string): readonly string[] =>
  text.split(/\r?\n/).filter((line) => !isEmpty(line));

/**
 * Bytes of lines that all have the same in front of them: candump an interface and an id, logs a
 * time or a name that ends in `:`, `>`, `]` or `=`. Null where they have not.
 */
export function bytesOfLog(text: string): Uint8Array | null {
  const lines = bytesLines(text);
  return ofLines(lines, candumpLine) ?? ofLines(lines, logLine);
}

/** Bytes of what hexdump, xxd and od print: the offset of each line in front of it. */
export const bytesOfDump = (text: string): Uint8Array | null => offsetDump(bytesLines(text));

/** `00000010  7e a0  |~.|` (hexdump -C), `00000010: 7ea0  ~.` (xxd), `0000020 a07e` (od -x). */
const offsetLine = /^\s*([0-9a-f]{4,16})(:?)(?:\s+(.*))?$/i;
/** A repeated line is printed as `*`; a file of zeros must not fill the memory. */
const repeatedBytesMax = 1024 * 1024;

function offsetDump(lines: readonly string[]): Uint8Array | null {
  const bytes: number[] = [];
  let radix: number | null = null;
  let last: readonly number[] = [];
  let repeats = false;
  for (const line of lines) {
    if (line.trim() === '*' && last.length > 0) {
      repeats = true;
      continue;
    }
    const match = offsetLine.exec(line);
    if (!match) return null;
    const offset = repeats ? parseInt(match[1]!, radix ?? 16) : null;
    if (offset !== null && offset - bytes.length > repeatedBytesMax) return null;
    while (offset !== null && bytes.length < offset) bytes.push(...last);
    repeats = false;
    radix ??= bytes.length === 0 ? null : radixOf(match[1]!, bytes.length);
    if (bytes.length > 0 && radix === null) return null;
    if (parseInt(match[1]!, radix ?? 16) !== bytes.length) return null;
    last = columnBytes(match[3] ?? '', match[2] === '');
    bytes.push(...last);
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes);
}

const radixOf = (text: string, offset: number): number | null =>
  [16, 8, 10].find((radix) => parseInt(text, radix) === offset) ?? null;

/**
 * The bytes stand in front of the text, which a `|` or two blanks set off. Words of four digits
 * are those of a machine with its low byte first, but for xxd, which has a colon.
 */
function columnBytes(text: string, swaps: boolean): readonly number[] {
  const column = text.includes('|') ? text.slice(0, text.indexOf('|')) : text.split(/ {2,}/)[0]!;
  const groups = column.split(/\s+/).filter((group) => group !== '');
  if (!groups.every((group) => /^(?:[0-9a-f]{2})+$/i.test(group))) return [];
  const isWords = swaps && groups.every((group) => group.length === 4);
  return groups.flatMap((group) => {
    const bytes = [...Buffer.from(group, 'hex')];
    return isWords ? bytes.reverse() : bytes;
  });
}

const date = String.raw`\d{4}[-./]\d\d[-./]\d\d`;
const time = String.raw`\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const digitPairs = String.raw`((?:(?:0x)?[0-9a-f]{2}[\s,]*)+)$`;
/** `2024-05-06 07:08:09.123 7E A0`, `[07:08:09] RX 7E A0`. */
const stampedLine = new RegExp(
  String.raw`^\s*\[?(?:${date}[T ]\s*)?${time}\]?:?\s+(?:(?:RX|TX|[-=<>]+)[\s:]*)?${digitPairs}`,
  'i',
);
/** `1  7E A0`, `2) 7E A0`: the number of the line. */
const numberedLine = new RegExp(String.raw`^\s*(\d{1,6})[.):]?\s+${digitPairs}`, 'i');

/** Bytes behind a time or behind the number of the line; null where not every line has one. */
export function bytesOfStampedLines(text: string): Uint8Array | null {
  const lines = bytesLines(text);
  const numbers = lines.map((line) => Number(numberedLine.exec(line)?.[1] ?? NaN));
  const isCounted =
    lines.length > 1 &&
    (numbers[0] === 0 || numbers[0] === 1) &&
    numbers.every((number, index) => number === numbers[0]! + index);
  if (isCounted) return ofLines(lines, numberedLine, 2);
  return ofLines(lines, stampedLine);
}

/** Lines of prose hardly have so many pairs of digits and nothing else. */
const proseBytesMin = 6;
const onlyPairs = /^\s*(?:(?:0x)?[0-9a-f]{2}[\s,]+)*(?:0x)?[0-9a-f]{2}[\s,]*$/i;

/** The lines of pairs of digits in a text that is prose otherwise. */
export function bytesOfHexLines(text: string): Uint8Array | null {
  const lines = bytesLines(text);
  const found = lines.filter((line) => onlyPairs.test(line));
  const digits = found.join(' ').replaceAll(/0x|[\s,]/gi, '');
  if (found.length === lines.length || digits.length < 2 * proseBytesMin) return null;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** `can0  123   [8]  11 22 33 …` and `(1699.25) can0 123#112233`. */
const candumpLine = /^\s*(?:\([\d.]+\)\s+)?\w+\s+[0-9A-F]{3,8}(?:\s+\[\d+\]\s+|#)([0-9A-F\s]*)$/i;
/** A time or a name, then nothing but bytes. */
const logLine = /^.*?[:>\]=]\s+((?:(?:0x)?[0-9a-f]{2}[\s,]*)+)$/i;

function ofLines(lines: readonly string[], pattern: RegExp, group = 1): Uint8Array | null {
  if (lines.length === 0) return null;
  const parts = lines.map((line) => pattern.exec(line)?.[group]?.replaceAll(/0x|[\s,]/gi, ''));
  if (parts.some((part) => part === undefined || part.length % 2 !== 0)) return null;
  return Uint8Array.from(Buffer.from(parts.join(''), 'hex'));
}
