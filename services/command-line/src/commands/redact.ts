import { parseArgs } from 'node:util';
import { isCapture, readCapture, writeCapture } from '../capture/capture-format.js';
import { inputForms, joined } from '../capture/input-bytes.js';
import { redact as redactBytes } from '../capture/redact.js';
import type { Command } from '../command.js';
import { decodeWhole } from '../decode/decode-bytes.js';
import {
  decoderArguments,
  decoderOptionsOf,
  decoderUsage,
  namedProtocol,
} from '../decode/decoder-arguments.js';
import { choiceOf } from './decode.js';
import { readInput } from './input-file.js';

export const redact: Command = {
  name: 'redact',
  usage: `${decoderUsage} FILE|- > FILE`,
  about: 'take the serial numbers out of a recording and mend its checksums',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: decoderArguments,
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error('give one FILE, or - for the input');
    const protocol = values.protocol === undefined ? undefined : namedProtocol(values.protocol);
    const content = await readInput(file);
    const forms = inputForms(file, content);
    if ('refused' in forms) throw new Error(`${file}: ${forms.refused}`);
    const options = decoderOptionsOf(values);
    const choice = choiceOf(protocol, forms, options);
    const isAsGiven = choice !== null && forms.includes(choice.bytes);
    if (choice === null || (!isAsGiven && isCapture(content))) {
      console.error('no protocol fits these bytes, so no id in them is known');
      return 1;
    }
    const found = choice.protocol;
    const result = redactBytes(
      choice.bytes,
      (bytes) => decodeWhole(found, options, bytes),
      (bytes, change) => found.reseal?.(bytes, options, change) ?? bytes,
    );
    if ('refused' in result) {
      console.error(result.refused);
      return 1;
    }
    const isPlain = choice.bytes === forms.at(-1);
    await print(isAsGiven ? asRead(content, isPlain, file, result.bytes) : result.bytes);
    return 0;
  },
};

/** The result in the form that the recording had: a capture, hexadecimal text or plain bytes. */
function asRead(
  content: Uint8Array,
  isLastForm: boolean,
  file: string,
  bytes: Uint8Array,
): Uint8Array {
  if (isCapture(content)) {
    const capture = readCapture(Buffer.from(content).toString('latin1'));
    if ('refused' in capture) throw new Error(capture.refused);
    // The lasting name of a port holds the serial number of its adapter.
    const fields = Object.entries(capture.header).filter(([name]) => name !== 'port');
    const header = Object.fromEntries(fields);
    let at = 0;
    const chunks = capture.chunks.map((chunk) => {
      const part = bytes.subarray(at, (at += chunk.bytes.length));
      return { atMs: chunk.atMs, bytes: part };
    });
    return Buffer.from(writeCapture({ header, chunks }));
  }
  if (/\.hex$/i.test(file) || !isLastForm) {
    return Buffer.from(`${Buffer.from(joined([bytes])).toString('hex')}\n`);
  }
  return bytes;
}

const print = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve());
  });
