import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { chunks, isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { protocolNamed, type DecoderOptions } from '../src/index.js';
import { claimOf } from './corpus-dsmr-claims.js';
import { corpusOf, type CorpusFrame } from './corpus.js';

type Outcome = 'telegram' | 'telegram if lenient' | 'refused';

/** Where the decoder does otherwise than a source's own test, and why. */
const otherOutcomes: Readonly<Record<string, readonly [Outcome, why: string]>> = {
  '05_': ['telegram', 'a repeated object is kept twice; the first one counts'],
  '06_': ['telegram', 'that source refuses what its caller did not ask for'],
  '08_': ['telegram if lenient', 'version 4 prescribes a checksum, however it is written'],
  '09_': ['telegram', 'a version of three digits is a text like another'],
  '10_': ['telegram', 'the register keeps its unit; a unit that does not fit is not measured'],
  '14_': ['refused', 'a telegram without data and without checksum is no telegram'],
  '18_': ['telegram', 'a register may lack a unit; it is then not measured'],
  '19_': ['telegram', 'the register keeps its unit; a unit that does not fit is not measured'],
  '34_': ['telegram', 'the register keeps its unit; a unit that does not fit is not measured'],
  with_power_failure_log_count_mismatch: ['refused', 'the file ends before the closing "!"'],
  incomplete_power_failures_log: ['refused', 'the file ends before the closing "!"'],
  OBIS_with_very_large_numbers: ['refused', 'no OBIS code has groups above 255'],
  v2_2_mangled: ['telegram', 'malformed for the source only by its folded line, which is standard'],
  checksum_3: ['telegram if lenient', 'a wrong checksum, as its test says'],
  checksum_6: ['telegram if lenient', 'a wrong checksum, as its test says'],
  testRepairingCrc: ['telegram if lenient', 'a wrong checksum, as its test says'],
  overflow: [
    'telegram if lenient',
    'the last telegram holds "***NO CARIER***" and a wrong checksum',
  ],
};

/** Values that a source states otherwise than the meter, and why. */
const otherValues: readonly (readonly [claim: RegExp, why: string])[] = [
  [/^(?:Water|Slave)Delivered!\.DateTime/, 'that source takes "S" in December for winter time'],
  [/^energy_delivered_lux/, 'that source converts Wh; a register keeps the unit of the meter'],
  [/^gas_delivered at/, 'that source converts dm3; a register keeps the unit of the meter'],
];

const sources = corpusOf('dsmr-p1');
const files = sources.flatMap(({ source, frames }) =>
  frames.map((frame) => ({ source, ...frame })),
);
const telegramFiles = files.filter(({ file }) => !/^stream_|^input1|^output1/.test(file));
const runOrSkip = sources.length > 0 ? describe : describe.skip;

const lineEnd = Buffer.from('\r\n');

function decode(bytes: Uint8Array, lenient = false): readonly (Telegram | Fault)[] {
  const decoder = protocolNamed('dsmr')!.decoder({ standardOffsetMinutes: 60, lenient });
  // Several files end right behind the "!", which on a port another byte always follows.
  return [...decoder.push(bytes), ...decoder.push(lineEnd)];
}

const telegramsOf = (results: readonly (Telegram | Fault)[]): readonly Telegram[] =>
  results.filter((result): result is Telegram => !isFault(result));

function outcomeOf(bytes: Uint8Array): Outcome {
  if (telegramsOf(decode(bytes)).length > 0) return 'telegram';
  return telegramsOf(decode(bytes, true)).length > 0 ? 'telegram if lenient' : 'refused';
}

function expectedOutcomes({ file, expect: stated, integrity }: CorpusFrame): readonly Outcome[] {
  const other = Object.entries(otherOutcomes).find(([part]) => file.includes(part));
  if (other) return [other[1][0]];
  if (stated !== 'decode' && stated !== 'crc test') return ['refused', 'telegram if lenient'];
  return integrity?.crc === 'ok' ? ['telegram'] : ['telegram', 'telegram if lenient'];
}

runOrSkip('P1 telegrams of real meters', () => {
  test.each(telegramFiles)('$source/$file is taken or refused as it should be', (frame) => {
    expect(expectedOutcomes(frame)).toContain(outcomeOf(frame.bytes));
  });

  test.each(telegramFiles.filter(({ values }) => values))(
    '$source/$file has the values that its source states',
    ({ source, values = [], bytes }) => {
      const [telegram] = telegramsOf(decode(bytes, true));
      const claims = values.map((stated) => claimOf(source, stated, telegram!));
      const wrong = claims.filter((claim) => claim && !claim.agrees);
      const unexplained = wrong.filter(
        (claim) => !otherValues.some(([pattern]) => pattern.test(claim!.about)),
      );
      expect(unexplained).toEqual([]);
    },
  );

  test('most of what the sources state has been compared', () => {
    const claims = telegramFiles.flatMap(({ source, values = [], bytes }) => {
      const [telegram] = telegramsOf(decode(bytes, true));
      return values.map((stated) => claimOf(source, stated, telegram!));
    });
    const compared = claims.filter((claim) => claim !== null);
    expect(compared.length).toBeGreaterThan(800);
    expect(compared.length / claims.length).toBeGreaterThan(0.85);
  });

  test('a capture that begins in a telegram gives exactly the whole one in it', () => {
    const [stream, cut] = ['input1', 'output1'].map(fileNamed);
    const telegrams = telegramsOf(decode(stream!));
    expect(telegrams).toEqual(telegramsOf(decode(cut!)));
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]).toMatchObject({ checked: true, at: '2023-10-26T20:40:15+02:00' });
  });

  test('after an overflowing line the next telegram is found', () => {
    const stream = Buffer.concat([fileNamed('overflow'), fileNamed('isk.txt')]);
    expect(telegramsOf(decode(stream))).toEqual(telegramsOf(decode(fileNamed('isk.txt'))));
  });

  test.each([
    ['mini', 2],
    ['raw', 566],
  ])('every whole telegram of the stream %s is taken, in chunks of any size', (name, count) => {
    const stored = fileNamed(`stream_ttyUSB0-${name}`).toString('latin1');
    const stream = Buffer.from(stored.replaceAll('\n', '\r\n'), 'latin1');
    const whole = decode(stream);
    const telegrams = telegramsOf(whole);
    expect(telegrams).toHaveLength(count);
    expect(telegrams.every(({ checked, warnings }) => checked && warnings.length === 0)).toBe(true);
    // Each capture began in the middle of a telegram.
    expect(whole.filter(isFault).map(({ fault }) => fault)).toEqual(['noise']);
    const times = telegrams.map(({ at }) => Date.parse(at!));
    expect([...times].sort((left, right) => left - right)).toEqual(times);
    for (const seed of [1, 2, 3]) {
      const decoder = protocolNamed('dsmr')!.decoder({ standardOffsetMinutes: 60 });
      const pieces = [...chunks(stream, seed, 900)].flatMap((piece) => decoder.push(piece));
      expect(pieces).toEqual(whole);
    }
  });
});

const encrypted = corpusOf('dsmr-p1-encrypted').flatMap(({ frames }) => frames);
const runOrSkipEncrypted = encrypted.length > 0 ? describe : describe.skip;

runOrSkipEncrypted('encrypted P1 telegrams of real meters', () => {
  const keyOf = (hex: string | undefined): Uint8Array => Buffer.from(hex ?? '', 'hex');
  const decodeWith = (bytes: Uint8Array, options: Partial<DecoderOptions>) =>
    protocolNamed('dsmr')!
      .decoder({ standardOffsetMinutes: 60, ...options })
      .push(bytes);

  test.each(encrypted)('$file gives its telegram with its keys only', (frame) => {
    const { bytes } = frame;
    const [key, authenticationKey] = [keyOf(frame.key), keyOf(frame.authKey)];
    const [telegram] = decodeWith(bytes, { key, authenticationKey });
    // The ciphered text is the same meter's telegram as one of the plain captures.
    const plain = telegramsOf(decode(fileNamed('sagemcom_t210_d_r')));
    expect(telegram).toMatchObject({ checked: true, warnings: [], ...plain[0] });
    expect(decodeWith(bytes, { key })).toEqual([telegram]);
    expect(decodeWith(bytes, {})).toMatchObject([{ fault: 'decryption' }]);
    const tampered = Buffer.from(bytes);
    tampered[50]! ^= 0xff;
    expect(decodeWith(tampered, { key, authenticationKey })).toMatchObject([
      { fault: 'decryption' },
    ]);
    const headless = Buffer.from(bytes);
    headless[0] = 0;
    const results = decodeWith(Buffer.concat([headless, bytes]), { key, authenticationKey });
    expect(telegramsOf(results)).toEqual([telegram]);
  });
});

function fileNamed(part: string): Buffer {
  return files.find(({ file }) => file.includes(part))!.bytes;
}
