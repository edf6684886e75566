/**
 * A capture is text, so that it can be looked at and attached to a report: a first line with the
 * version, header lines `name: value`, an empty line, then one line for each piece of bytes:
 * milliseconds since the first one, a blank, and the bytes in hexadecimal. `#` begins a comment.
 *
 *     wattbus-capture 1
 *     port: /dev/serial/by-id/usb-FTDI_FT232R
 *     baud: 115200 8N1
 *
 *     0 2f4b464d35
 *     12 4b41494641
 */
export interface Capture {
  readonly header: Readonly<Record<string, string>>;
  readonly chunks: readonly CaptureChunk[];
}

export interface CaptureChunk {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

const magic = 'wattbus-capture ';
const version = 1;

export const isCapture = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') === magic;

export function readCapture(text: string): Capture | { readonly refused: string } {
  const lines = text.split(/\r?\n/);
  const stated = Number(lines[0]!.slice(magic.length));
  if (!text.startsWith(magic) || stated !== version) {
    return { refused: `line 1: only version ${version} of captures is known` };
  }
  const header: Record<string, string> = {};
  const chunks: CaptureChunk[] = [];
  let inHeader = true;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.startsWith('#')) continue;
    if (line.trim() === '') {
      inHeader = false;
      continue;
    }
    const field = inHeader ? /^([a-z]+): (.*)$/.exec(line) : null;
    const chunk = /^(\d{1,12}) ((?:[0-9A-Fa-f]{2})+)$/.exec(line);
    if (field) header[field[1]!] = field[2]!;
    else if (chunk) {
      const bytes = Uint8Array.from(Buffer.from(chunk[2]!, 'hex'));
      chunks.push({ atMs: Number(chunk[1]), bytes });
    } else return { refused: `line ${index + 1} is neither a header nor bytes with their time` };
  }
  return { header, chunks };
}

export const captureHead = (header: Capture['header']): string =>
  [
    `${magic}${version}`,
    ...Object.entries(header).map(
      ([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`,
    ),
    '',
    '',
  ].join('\n');

export const captureLine = ({ atMs, bytes }: CaptureChunk): string =>
  `${Math.round(atMs)} ${Buffer.from(bytes).toString('hex')}\n`;

export const writeCapture = ({ header, chunks }: Capture): string =>
  captureHead(header) + chunks.map(captureLine).join('');
