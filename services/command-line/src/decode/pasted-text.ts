import { bytesOfHex } from '../capture/input-bytes.js';

/** Text as people copy it out of logs, terminals and programs, as the meter sent it. */
export function pastedForms(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length > pastedBytesMax) return [];
  const text = Buffer.from(bytes).toString('latin1');
  const plain = withoutLineHeads(ofLiterals(text) ?? text);
  const forms = [plain, withP1Lines(plain)].filter((form) => form !== null && form !== text);
  const ofText = forms.map((form) => Uint8Array.from(Buffer.from(form!, 'latin1')));
  const ofDigits = plain === text ? null : bytesOfHex(plain);
  return ofDigits === null ? ofText : [ofDigits, ...ofText];
}

/** Nobody pastes more. */
const pastedBytesMax = 8 * 1024 * 1024;

/** A string of Python, C or JSON: `b'/ISK5\\2\r\n'`, perhaps one of several lines. */
const literal = /^\s*(?:\w+\s*[=:(]\s*)?[bru]{0,2}(["'])(.*)\1\s*[,;)]*\s*$/;

/** What strings stand for, one behind the other; null where the text is something else. */
function ofLiterals(text: string): string | null {
  const lines = contentLines(text);
  const contents = lines.map((line) => literal.exec(line)?.[2]);
  if (lines.length === 0 || contents.includes(undefined)) return null;
  const joined = contents.join('');
  return joined.includes('\\') ? unescaped(joined) : null;
}

const controls: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  0: '\0',
};

const unescaped = (text: string): string =>
  text.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|(.))/g,
    (_, hex: string | undefined, unicode: string | undefined, sign: string) => {
      const code = hex ?? unicode;
      return code === undefined
        ? (controls[sign] ?? sign)
        : String.fromCharCode(parseInt(code, 16));
    },
  );

const date = String.raw`\d{4}[-./]\d\d[-./]\d\d`;
const time = String.raw`\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const syslog = String.raw`[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \S+ \S+:`;
const seconds = String.raw`\d{10}\.\d+`;
/** Who logs, how grave it is, which way it went: `[D][uart_debug:114]: <<<`, `DEBUG (Main)`, `->`. */
const origin = String.raw`(?:\[[^\]]*\]|\([A-Za-z]\w*\)|(?:DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|TRACE)\b|[-=<>]+>|<<<|[:|>])`;
const lineHead = new RegExp(
  String.raw`^[ \t]*\[?(?:${date}[T ])?(?:${time}|${syslog}|${seconds})\]?(?:[ \t]*${origin})*[ \t]?`,
);

/** Some lines of a log belong to others, or go on from the one before. */
const headedShareMin = 0.8;

/** The lines of a log without the time and the origin in front of each. */
function withoutLineHeads(text: string): string {
  const lines = text.split('\n');
  const filled = lines.filter((line) => line.trim() !== '');
  const headed = filled.filter((line) => lineHead.test(line)).length;
  if (headed === 0 || headed < headedShareMin * filled.length) return text;
  return lines.map((line) => line.replace(lineHead, '')).join('\n');
}

const startOfText = '\x02';
/** DSMR P1 5.0.2, §6.4: `A-B:C.D.E(`. */
const p1Line = /^[ \t]*\d-\d+:\d+\.\d+\.\d+\(/m;
const closed = /^(.*\))[ \t]*(![ \t]*[0-9A-Fa-f]{0,4})$/;

/**
 * P1 with the line ends that the meter sent: text that went through editors, browsers and forums
 * has others, doubled ones, blanks at either end, or the closing `!` behind the last line. Null
 * where the text is no P1.
 */
function withP1Lines(text: string): string | null {
  if (text.includes(startOfText) || !/^[ \t]*\/\S/m.test(text) || !p1Line.test(text)) return null;
  const lines = contentLines(text.replaceAll('\r', '\n')).flatMap((line) => {
    const plain = line.trim();
    if (plain.startsWith('/')) return [plain, ''];
    const [, data, end] = closed.exec(plain) ?? [];
    return end === undefined ? [plain] : [data!, end.replaceAll(/[ \t]/g, '')];
  });
  return lines.map((line) => `${line}\r\n`).join('');
}

const contentLines = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.trim() !== '');
