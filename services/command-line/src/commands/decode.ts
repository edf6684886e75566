import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import {
  protocolNamed,
  protocols,
  readJsonFields,
  readLinePattern,
  registerMaps,
  type DecoderOptions,
  type MeterProtocol,
} from '@wattbus/meter-protocols';
import { parseArgs } from 'node:util';
import { bytesOfHex, inputForms } from '../capture/input-bytes.js';
import type { Command } from '../command.js';
import { chooseProtocol, type Choice } from '../decode/choose-protocol.js';
import { decodePieces } from '../decode/decode-bytes.js';
import { withoutParityForms, withTicFrames } from '../decode/mended-forms.js';
import { readInput } from './input-file.js';

const options = {
  protocol: { type: 'string' },
  key: { type: 'string' },
  'auth-key': { type: 'string' },
  lenient: { type: 'boolean', default: false },
  pattern: { type: 'string' },
  field: { type: 'string', multiple: true },
  'register-map': { type: 'string' },
  'standard-offset': { type: 'string', default: '60' },
} as const;

export const decode: Command = {
  name: 'decode',
  usage:
    '[--protocol P] [--key HEX] [--auth-key HEX] [--lenient] [--pattern REGEX] ' +
    '[--field PATH=QUANTITY …] [--register-map NAME] [--standard-offset MINUTES] FILE|-',
  about: 'print the telegrams of a file, one JSON object a line; finds the protocol itself',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error('give one FILE, or - for the input');
    const decoderOptions = decoderOptionsOf(values);
    const protocol = values.protocol === undefined ? undefined : namedProtocol(values.protocol);
    const forms = inputForms(file, await readInput(file));
    if ('refused' in forms) throw new Error(`${file}: ${forms.refused}`);
    const choice = choiceOf(protocol, forms, decoderOptions);
    if (choice === null) {
      const detail = 'no protocol fits these bytes';
      await print([{ protocol: 'unknown', fault: 'noise', offset: 0, detail }]);
      return 1;
    }
    let decoded = false;
    for (const results of decodePieces(choice.protocol, decoderOptions, choice.bytes)) {
      decoded ||= results.some((result) => !isFault(result));
      await print(results.map((result) => (isFault(result) ? result : printed(result))));
    }
    return decoded ? 0 : 1;
  },
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** Which form to decode as what; frames are made up only where the bytes as they are give none. */
export function choiceOf(
  protocol: MeterProtocol | undefined,
  given: readonly Uint8Array[],
  options: DecoderOptions,
): Choice | null {
  const forms = withoutParityForms(given);
  const chosen = chooseProtocol(forms, options, protocol);
  if (chosen?.decodes) return chosen;
  const framed = forms.map(withTicFrames).filter((form) => form !== null);
  const mended = framed.length === 0 ? null : chooseProtocol(framed, options, protocol);
  if (mended?.decodes) return mended;
  const bytes = forms[0];
  return chosen ?? (protocol && bytes ? { protocol, bytes, decodes: false } : null);
}

function decoderOptionsOf(values: Values): DecoderOptions {
  const standardOffsetMinutes = Number(values['standard-offset']);
  if (!Number.isInteger(standardOffsetMinutes) || Math.abs(standardOffsetMinutes) > 14 * 60) {
    throw new Error('--standard-offset must be minutes east of UTC, such as 60');
  }
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
    standardOffsetMinutes,
    lenient: values.lenient ?? false,
    ...(pattern === undefined ? {} : { pattern }),
    ...(fields === undefined ? {} : { fields }),
    ...(map === undefined ? {} : { registerMap: map }),
    ...keysOf(values),
  };
}

/** Also of commands beside this one. */
export function keysOf(values: {
  readonly key?: string | undefined;
  readonly 'auth-key'?: string | undefined;
}): Pick<DecoderOptions, 'key' | 'authenticationKey'> {
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

/** What is printed leaves out `checked`: a telegram that failed its check is a fault. */
const printed = ({ protocol, meter, at, registers, warnings }: Telegram) => ({
  protocol,
  meter,
  at,
  registers,
  warnings,
});

/** Waits for who reads the output, so that a long file does not pile up in memory. */
async function print(results: readonly (ReturnType<typeof printed> | Fault)[]): Promise<void> {
  if (results.length === 0) return;
  const text = results.map((result) => `${JSON.stringify(result)}\n`).join('');
  await new Promise<void>((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
