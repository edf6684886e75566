import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
import { Iec62056Decoder } from '../src/iec62056-21/iec62056-21-decoder.js';
import { corpusOf, type CorpusFrame, type StatedValue } from './corpus.js';

/** How many telegrams a file gives, strictly and leniently, where it is not one in both cases. */
const otherOutcomes: Readonly<
  Record<string, readonly [strict: number, lenient: number, why: string]>
> = {
  'testSerialRequestResponseD0-20.txt': [0, 1, 'the block check was made up by its test'],
  'testSerialRequestResponseD0End.txt': [0, 1, 'the block check was made up by its test'],
  'testSerialRequestResponseD0BufferOverrun.txt': [0, 0, 'an identification and nothing else'],
  'testSerialResponseD0FastSend.txt': [2, 2, 'two telegrams'],
  'HagerEHZ_basic.txt': [2, 2, 'two telegrams'],
  'ACE3000_basic.txt': [0, 1, 'garbage in the data, and a wrong block check'],
  'unencrypted_invalid_data_siemens.txt': [1, 1, 'well formed; its source misses certain codes'],
};

/** Values that a source states otherwise, and why. */
const otherValues: readonly (readonly [about: RegExp, why: string])[] = [
  [/^ebz_dd3_big.txt: .* (?:12513025|10001) /, 'that source states another telegram of the meter'],
  [/^testSerialResponseD0(?:DSMR|FastSend).txt: .*(?:9\.20|6\.8) /, 'copied from another test'],
  [/: 1-0:0\.2\.0 (?:V01\.69|EEA3546C)/, 'that source splits the text of the register at "#"'],
  [/: 1-0:1\.6\.0\*255 1703100930/, 'the time of the register is its "at"'],
];

const sources = corpusOf('d0-iec62056-21');
const files = sources.flatMap(({ source, frames }) =>
  frames.map((frame) => ({ source, ...frame })),
);
const readOuts = files.filter(({ file }) => file.endsWith('.txt'));
const runOrSkip = sources.length > 0 ? describe : describe.skip;

function decode(bytes: Uint8Array, lenient = false): readonly Telegram[] {
  const decoder = new Iec62056Decoder({ standardOffsetMinutes: 60, lenient });
  const results: readonly (Telegram | Fault)[] = [...decoder.push(bytes), ...decoder.end()];
  return results.filter((result): result is Telegram => !isFault(result));
}

/** Sources leave out groups in their own ways: `9.20`, `6-0:6.8`, `1-0:97.97`. */
const bareCode = (obis: string): string =>
  obis
    .replace(/^\d-\d:/, '')
    .replace(/\*255$/, '')
    .replace(/\.0$/, '');

function registersOf(telegrams: readonly Telegram[], obis: string): readonly Register[] {
  const code = bareCode(obis);
  return telegrams.flatMap(({ registers }) =>
    registers.filter(
      (register) =>
        bareCode(register.obis ?? '') === code || bareCode(register.label ?? '') === code,
    ),
  );
}

function agrees({ value, unit }: Register, stated: StatedValue): boolean {
  if (stated.value === undefined) return true;
  const sameUnit = stated.unit === undefined || stated.unit === null || stated.unit === unit;
  const same = String(value) === String(stated.value) || Number(value) === Number(stated.value);
  return sameUnit && same;
}

/** The claims of a file in one form, whatever the source's own. */
function claimsOf(frame: CorpusFrame): readonly StatedValue[] {
  const snapshots = frame.expected as
    readonly { obis_values: readonly Record<string, string | number | null>[] }[] | undefined;
  const fromSnapshot = (snapshots?.[0]?.obis_values ?? [])
    .filter(({ key }) => key !== 'identifier')
    .map(({ key, value, unit }) => ({ obis: String(key), value, unit: unit as string | null }));
  return [...(frame.values ?? []).filter(({ obis }) => obis), ...fromSnapshot] as StatedValue[];
}

runOrSkip('IEC 62056-21 read-outs of real meters', () => {
  test.each(readOuts)('$source/$file is taken or refused as it should be', ({ file, bytes }) => {
    const [strict, lenient] = otherOutcomes[file] ?? [1, 1];
    expect([decode(bytes).length, decode(bytes, true).length]).toEqual([strict, lenient]);
  });

  const valued = readOuts.filter(
    (frame) => claimsOf(frame).length > 0 && decode(frame.bytes, true).length > 0,
  );
  test.each(valued)('$source/$file has the values that its source states', (frame) => {
    const telegrams = decode(frame.bytes, true);
    const wrong = claimsOf(frame)
      .filter((stated) => {
        const found = registersOf(telegrams, String(stated.obis));
        return !found.some((register) => agrees(register, stated));
      })
      .map(({ obis, value, unit }) => `${frame.file}: ${obis} ${value} ${unit ?? ''}`)
      .filter((about) => !otherValues.some(([pattern]) => pattern.test(about)));
    expect(wrong).toEqual([]);
  });

  test.each([
    ['HagerEHZ_basic.txt', { '1-0:1.8.0': 1.2963, '1-0:1.7.0': 1.2964, '1-0:1.9.0': 1.2965 }],
    ['HagerEHZ_waitsync.txt', { '2-1:2.3.4': 999999.9999 }],
    ['LandisGyr_basic.txt', { '1-0:1.8.1': 1846, '1-0:1.8.2': 0, '1-0:2.8.1': 4329.6 }],
    [
      'ACE3000_basic.txt',
      { '1-0:1.8.0': 13925.5, '1-0:96.1.0': expect.stringMatching(/^\d{16}$/) },
    ],
    ['LuG_E350.txt', { '1-0:96.5.0': '1420', '1-0:16.7.0': 1.66, '1-0:96.7.0': 4 }],
    ['unencrypted_valid_data_siemens.txt', { '1-0:1.7.0': 0.386, '1-0:81.7.4': -80.7 }],
  ])('%s has the values that are assertions of its source', (file, expected) => {
    const telegrams = decode(readOuts.find((frame) => frame.file === file)!.bytes, true);
    const found = telegrams.flatMap(({ registers }) => registers);
    for (const [obis, value] of Object.entries(expected)) {
      expect(found.find((register) => register.obis === obis)?.value).toEqual(value);
    }
  });

  test.each([
    ['LuG_E350.txt', 23],
    ['LandisGyr_basic.txt', 8],
    ['ACE3000_basic.txt', 4],
    ['testSerialRequestResponseD0WithAck2.txt', 343],
  ])('%s has %p registers', (file, count) => {
    const [telegram] = decode(readOuts.find((frame) => frame.file === file)!.bytes, true);
    expect(telegram!.registers).toHaveLength(count);
  });

  test('block checks of published vectors are right', () => {
    const { bytes } = files.find(({ file }) => file === 'vectors.json')!;
    const vectors = JSON.parse(bytes.toString()) as readonly { strings: readonly string[] }[];
    const messages = vectors
      .flatMap(({ strings }) => strings)
      .filter((text) => /^\x02.*\x03.$/s.test(text) && !/[\x11x]$/.test(text));
    expect(messages.length).toBeGreaterThan(3);
    for (const message of messages) {
      const [telegram] = decode(Buffer.from(message, 'latin1'));
      expect(telegram).toMatchObject({ checked: true });
    }
  });

  test.each(readOuts)('$source/$file is the same byte by byte', ({ bytes }) => {
    const decoder = new Iec62056Decoder({ standardOffsetMinutes: 60 });
    const results = [...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    results.push(...decoder.end());
    expect(results.filter((result) => !isFault(result))).toEqual(decode(bytes));
  });
});
