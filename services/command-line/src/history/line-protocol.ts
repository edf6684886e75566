/** A line of InfluxDB's line protocol. */
export interface ProtocolLine {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | boolean>>;
  /** As written; its unit is that of the file. */
  readonly timestamp: bigint | null;
}

/** Where a line is wrong, from 1. */
export interface ProtocolFault {
  readonly column: number;
  readonly fault: string;
}

/**
 * Reads a line: `measurement[,tag=value…] field=value[,field=value…] [timestamp]`, in which a
 * backslash takes the meaning from a comma, a space, an equals sign, a quote or a backslash
 * (InfluxDB 1.8 documentation, "Line protocol reference").
 */
export function readProtocolLine(line: string): ProtocolLine | ProtocolFault {
  const [key = '', fieldSet = '', time = '', ...more] = split(line, ' ');
  if (fieldSet === '') return { column: key.length + 1, fault: 'no fields behind the measurement' };
  if (more.length > 0) return { column: line.length, fault: 'more than a timestamp at the end' };
  const [measurement = '', ...tagTexts] = split(key, ',');
  if (measurement === '') return { column: 1, fault: 'no measurement' };
  const tags: Record<string, string> = {};
  for (const text of tagTexts) {
    const [name = '', value] = split(text, '=');
    if (name === '' || value === undefined) return at(line, text, `"${text}" is no tag`);
    tags[plain(name)] = plain(value);
  }
  const fields: Record<string, number | string | boolean> = {};
  for (const text of split(fieldSet, ',')) {
    const [name = '', ...rest] = split(text, '=');
    const value = fieldValue(rest.join('='));
    if (name === '' || value === null) return at(line, text, `"${text}" is no field`);
    fields[plain(name)] = value;
  }
  if (time !== '' && !/^-?\d{1,19}$/.test(time)) return at(line, time, `"${time}" is no timestamp`);
  const timestamp = time === '' ? null : BigInt(time);
  return { measurement: plain(measurement), tags, fields, timestamp };
}

const at = (line: string, part: string, fault: string): ProtocolFault => ({
  column: Math.max(0, line.indexOf(part)) + 1,
  fault,
});

/** Parts between separators that are neither escaped nor inside quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

const plain = (text: string): string => text.replace(/\\([, ="\\])/g, '$1');

function fieldValue(text: string): number | string | boolean | null {
  if (/^".*"$/s.test(text)) return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (/^(t|true|T|True|TRUE)$/.test(text)) return true;
  if (/^(f|false|F|False|FALSE)$/.test(text)) return false;
  const digits = /^[-+]?\d+[iu]$/.test(text) ? text.slice(0, -1) : text;
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(digits) ? Number(digits) : NaN;
  return Number.isFinite(value) ? value : null;
}
