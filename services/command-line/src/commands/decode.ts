import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import type { DecoderOptions, MeterProtocol } from '@wattbus/meter-protocols';
import { parseArgs } from 'node:util';
import { inputForms } from '../capture/input-bytes.js';
import type { Command } from '../command.js';
import { chooseProtocol, type Choice } from '../decode/choose-protocol.js';
import {
  decoderArguments,
  decoderOptionsOf,
  decoderUsage,
  namedProtocol,
} from '../decode/decoder-arguments.js';
import { decodePieces, outputOf } from '../decode/decode-bytes.js';
import { mendedForms, withoutParityForms } from '../decode/mended-forms.js';
import { readInput } from './input-file.js';

const options = {
  ...decoderArguments,
  lenient: { type: 'boolean', default: false },
  'standard-offset': { type: 'string', default: '60' },
} as const;

export const decode: Command = {
  name: 'decode',
  usage: `${decoderUsage} [--lenient] [--standard-offset MINUTES] FILE|-`,
  about: 'print the telegrams of a file, one JSON object a line; finds the protocol itself',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error('give one FILE, or - for the input');
    const decoderOptions = {
      ...decoderOptionsOf(values),
      standardOffsetMinutes: offsetOf(values['standard-offset']),
      lenient: values.lenient,
    };
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
      await print(results);
    }
    return decoded ? 0 : 1;
  },
};

/**
 * Which form to decode as what. What was written otherwise than the meter sent it is looked for
 * where no checksum says that the bytes are as they were.
 */
export function choiceOf(
  protocol: MeterProtocol | undefined,
  given: readonly Uint8Array[],
  options: DecoderOptions,
): Choice | null {
  const forms = withoutParityForms(given);
  const chosen = chooseProtocol(forms, options, protocol);
  if (chosen?.basis === 'checked') return chosen;
  const mended = mendedForms(forms);
  const again =
    mended.length === 0 ? chosen : chooseProtocol([...forms, ...mended], options, protocol);
  const bytes = forms[0];
  return again ?? (protocol && bytes ? { protocol, bytes, basis: 'faults' } : null);
}

function offsetOf(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && Math.abs(minutes) <= 14 * 60) return minutes;
  throw new Error('--standard-offset must be minutes east of UTC, such as 60');
}

/** Waits for who reads the output, so that a long file does not pile up in memory. */
async function print(results: readonly (Telegram | Fault)[]): Promise<void> {
  if (results.length === 0) return;
  const text = results.map((result) => `${JSON.stringify(outputOf(result))}\n`).join('');
  await new Promise<void>((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
