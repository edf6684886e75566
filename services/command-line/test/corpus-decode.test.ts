import { describe, expect, test } from '@jest/globals';
import { isFault } from '@wattbus/energy-model';
import { protocolNamed, type DecoderOptions } from '@wattbus/meter-protocols';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inputForms } from '../src/capture/input-bytes.js';
import { choiceOf } from '../src/commands/decode.js';
import { decodeWhole, outputOf } from '../src/decode/decode-bytes.js';
import { expectShape } from './output-shape.js';

/** Captures of real meters, which are no part of the project: absent, these tests are skipped. */
const root = resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus', 'telegrams');

const folders: Readonly<Record<string, string>> = {
  'd0-iec62056-21': 'iec62056-21',
  dlms: 'dlms',
  'dsmr-p1': 'dsmr',
  'dsmr-p1-encrypted': 'dsmr',
  'linky-tic': 'tic',
  mbus: 'mbus',
  'modbus-rtu': 'modbus',
  sml: 'sml',
};

/** Captures that do not give on their own what they give when their protocol is named, and why. */
const others: readonly (readonly [file: RegExp, why: string])[] = [
  [/D0DSMR\.txt$/, 'P1 with a wrong checksum, which is refused; no read-out'],
  [/esy5q3d[ab]10[02]4_v304\.txt$/, 'EasyMeter Q3D: IEC 62056-21, whose codes have a group F'],
];

interface Frame {
  readonly file: string;
  readonly key?: string;
  readonly authKey?: string;
}

interface Capture extends Frame {
  readonly name: string;
  readonly protocol: string;
  readonly bytes: Uint8Array;
}

function captures(): Capture[] {
  return Object.entries(folders).flatMap(([folder, protocol]) =>
    readdirSync(join(root, folder)).flatMap((source) => {
      const place = join(root, folder, source);
      const index = readFileSync(join(place, 'expected.json'), 'utf8');
      const { frames } = JSON.parse(index) as { frames: Frame[] };
      return frames
        .filter(({ file }) => /\.(?:txt|bin)$/.test(file))
        .map((frame) => ({
          ...frame,
          name: `${folder}/${source}/${frame.file}`,
          protocol,
          bytes: Uint8Array.from(readFileSync(join(place, frame.file))),
        }));
    }),
  );
}

const optionsOf = ({ key, authKey }: Frame): DecoderOptions => ({
  standardOffsetMinutes: 60,
  ...(key ? { key: Uint8Array.from(Buffer.from(key, 'hex')) } : {}),
  ...(authKey ? { authenticationKey: Uint8Array.from(Buffer.from(authKey, 'hex')) } : {}),
});

function choiceFor(capture: Capture) {
  const forms = inputForms(capture.file, capture.bytes);
  return 'refused' in forms ? null : choiceOf(undefined, forms, optionsOf(capture));
}

function decoded(protocol: string | undefined, capture: Capture, form = capture.bytes) {
  const forms = inputForms(capture.file, form);
  if ('refused' in forms) throw new Error(forms.refused);
  const options = optionsOf(capture);
  const choice = choiceOf(protocol ? protocolNamed(protocol) : undefined, forms, options);
  if (choice === null) return { protocol: 'none', telegrams: [] };
  const results = decodeWhole(choice.protocol, options, choice.bytes);
  return {
    protocol: choice.protocol.name,
    telegrams: results.filter((result) => !isFault(result)),
  };
}

const available = existsSync(root);
const all = available ? captures().filter(({ protocol }) => protocolNamed(protocol)) : [];
if (!available) console.warn(`no corpus at ${root}: set WATTBUS_CORPUS; tests are skipped`);

/**
 * The values of each protocol's decoder are compared with what the sources state in the tests of
 * `meter-protocols`; here the tool must reach the same telegrams, without being told the protocol.
 */
(available ? describe : describe.skip)('captures of real meters without a protocol', () => {
  const telling = all.filter((capture) => {
    const named = protocolNamed(capture.protocol)!;
    const results = decodeWhole(named, optionsOf(capture), capture.bytes);
    return results.some((result) => !isFault(result));
  });
  const reasoned = (name: string) => others.some(([file]) => file.test(name));

  test.each(telling.filter(({ name }) => !reasoned(name)))(
    '$name gives what it gives with its protocol named',
    (capture) => {
      const named = decoded(capture.protocol, capture);
      expect(named.protocol).toBe(capture.protocol);
      const direct = decodeWhole(
        protocolNamed(capture.protocol)!,
        optionsOf(capture),
        capture.bytes,
      ).filter((result) => !isFault(result));
      expect(named.telegrams).toEqual(direct);
      expect(decoded(undefined, capture)).toEqual(named);
    },
  );

  const small = telling.filter(({ bytes, name }) => bytes.length < 5000 && !reasoned(name));
  test.each(small)('$name gives the same as hexadecimal text', (capture) => {
    const hex = Buffer.from(capture.bytes)
      .toString('hex')
      .replaceAll(/(.{2})/g, '$1 ');
    expect(decoded(undefined, capture, Buffer.from(hex))).toEqual(decoded(undefined, capture));
  });

  test.each(all)('$name is printed with exactly the documented keys', (capture) => {
    for (const protocol of [protocolNamed(capture.protocol)!, choiceFor(capture)?.protocol]) {
      if (protocol === undefined) continue;
      expectShape(decodeWhole(protocol, optionsOf(capture), capture.bytes).map(outputOf));
    }
  });

  test('what is left out has a reason and is a known capture', () => {
    const names = all.map(({ name }) => name);
    for (const [file] of others) expect(names.some((name) => file.test(name))).toBe(true);
    expect(telling.filter(({ name }) => reasoned(name)).length).toBeLessThan(telling.length / 50);
  });
});
