import { pastedForms } from './pasted-text.js';

/** What the bytes may have been before somebody copied them as text. */
export function mendedForms(forms: readonly Uint8Array[]): readonly Uint8Array[] {
  const pasted = withoutParityForms(forms.flatMap(pastedForms));
  const framed = [...forms, ...pasted].map(withTicFrames).filter((form) => form !== null);
  return [...pasted, ...framed];
}

/** Bytes in the forms in which tools on the way record them, as the meter sent them. */
export function withoutParityForms(forms: readonly Uint8Array[]): readonly Uint8Array[] {
  return forms.flatMap((bytes) => {
    const plain = withoutParity(bytes);
    return plain === null ? [bytes] : [bytes, plain];
  });
}

/** A damaged byte here and there does not hide that all the others have even parity. */
const evenShareMin = 0.98;

/** An adapter set to eight bits keeps the even parity of a 7E1 line as the highest bit. */
function withoutParity(bytes: Uint8Array): Uint8Array | null {
  if (!bytes.some((byte) => byte > 0x7f)) return null;
  const even = bytes.reduce((sum, byte) => sum + (isEven(byte) ? 1 : 0), 0);
  return even < evenShareMin * bytes.length ? null : bytes.map((byte) => byte & 0x7f);
}

function isEven(byte: number): boolean {
  let folded = byte ^ (byte >> 4);
  folded ^= folded >> 2;
  folded ^= folded >> 1;
  return (folded & 1) === 0;
}

const startOfText = '\x02';
const endOfText = '\x03';

/** Terminals show no STX and ETX, so that text copied from one has only the groups of a frame. */
function withTicFrames(bytes: Uint8Array): Uint8Array | null {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.includes(startOfText) || !/^(?:ADCO|ADSC)[ \t]/m.test(text)) return null;
  const frames = text
    .split(/^(?=(?:ADCO|ADSC)[ \t])/m)
    .filter((frame) => /^AD[CS][OC][ \t]/.test(frame));
  const framed = frames.map((frame) => {
    const groups = frame.split(/[\r\n]+/).filter((group) => group.trim() !== '');
    const isStandard = groups[0]!.startsWith('ADSC');
    const whole = isStandard ? groups.map(withTabs) : groups;
    return startOfText + whole.map((group) => `\n${group}\r`).join('') + endOfText;
  });
  return Uint8Array.from(Buffer.from(framed.join(''), 'latin1'));
}

/** Label, horodate, data and checksum with blanks between them, as a terminal shows tabs. */
const blankGroup = /^([A-Z0-9+-]+) +(?:([EeHh]\d{12})(?: +|$))?(.*?) *(\S) *$/;

/**
 * A group of standard mode with the tabs that became blanks. How many blanks its data held in front
 * and behind is lost; the checksum (Enedis-NOI-CPT_54E, §5.3.6) only knows odd from even.
 */
function withTabs(group: string): string {
  const [, label, horodate, data, check] = group.includes('\t')
    ? []
    : (blankGroup.exec(group) ?? []);
  if (label === undefined) return group;
  const fields = [label, ...(horodate === undefined ? [] : [horodate])];
  const candidates = [data!, `${data!} `].map((text) => `${[...fields, text].join('\t')}\t`);
  const right = candidates.find((covered) => checksumOf(covered) === check);
  return (right ?? candidates[0]!) + check!;
}

function checksumOf(covered: string): string {
  const sum = Buffer.from(covered, 'latin1').reduce((total, byte) => total + byte, 0);
  return String.fromCharCode((sum & 0x3f) + 0x20);
}
