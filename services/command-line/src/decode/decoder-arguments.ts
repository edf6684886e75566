import {
  protocolNamed,
  protocols,
  readJsonFields,
  readLinePattern,
  registerMaps,
  type DecoderOptions,
  type MeterProtocol,
} from '@wattbus/meter-protocols';
import type { parseArgs } from 'node:util';
import { bytesOfHex } from '../capture/input-bytes.js';

/** What the commands that decode a recording take alike. */
export const decoderArguments = {
  protocol: { type: 'string' },
  key: { type: 'string' },
  'auth-key': { type: 'string' },
  pattern: { type: 'string' },
  field: { type: 'string', multiple: true },
  'register-map': { type: 'string' },
} as const;

export const decoderUsage =
  '[--protocol P] [--key HEX] [--auth-key HEX] [--pattern REGEX] [--field PATH=QUANTITY …] ' +
  '[--register-map NAME]';

type Values = ReturnType<typeof parseArgs<{ options: typeof decoderArguments }>>['values'];

/** The times of a redacted recording stay as they are written. */
const centralEuropeMinutes = 60;

export function decoderOptionsOf(values: Values): DecoderOptions {
  const pattern = values.pattern;
  const read = pattern === undefined ? null : readLinePattern(pattern);
  if (typeof read === 'string') throw new Error(`--pattern: ${read}`);
  const fields = values.field && fieldsOf(values.field);
  const map = values['register-map'];
  if (map !== undefined && !registerMaps.some(({ name }) => name === map)) {
    const names = registerMaps.map(({ name }) => name).join(', ');
    throw new Error(`there is no register map "${map}"; there are ${names}`);
  }
  return {
    standardOffsetMinutes: centralEuropeMinutes,
    ...(pattern === undefined ? {} : { pattern }),
    ...(fields === undefined ? {} : { fields }),
    ...(map === undefined ? {} : { registerMap: map }),
    ...keysOf(values),
  };
}

function keysOf(values: Values): Pick<DecoderOptions, 'key' | 'authenticationKey'> {
  const { key, 'auth-key': authenticationKey } = values;
  return {
    ...(key === undefined ? {} : { key: keyOf('--key', key) }),
    ...(authenticationKey === undefined
      ? {}
      : { authenticationKey: keyOf('--auth-key', authenticationKey) }),
  };
}

function fieldsOf(settings: readonly string[]): Readonly<Record<string, string>> {
  const fields = Object.fromEntries(settings.map((setting) => setting.split('=', 2)));
  const read = readJsonFields(fields);
  if (typeof read === 'string') throw new Error(`--field: ${read}`);
  return fields;
}

const keyBytes = 16;

function keyOf(name: string, text: string): Uint8Array {
  const bytes = bytesOfHex(text);
  if (bytes?.length === keyBytes) return bytes;
  throw new Error(`${name} must be ${2 * keyBytes} hexadecimal digits`);
}

export function namedProtocol(name: string): MeterProtocol {
  const found = protocolNamed(name);
  if (found) return found;
  const names = protocols.map((protocol) => protocol.name).join(', ');
  throw new Error(`there is no protocol "${name}"; there are ${names}`);
}
