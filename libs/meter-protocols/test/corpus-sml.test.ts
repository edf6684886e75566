import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { chunks, isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
import { encodeSml } from '../src/sml/encode.js';
import { SmlDecoder } from '../src/sml/sml-decoder.js';
import { corpusOf, type CorpusFrame, type StatedValue } from './corpus.js';

/** Files whose telegrams are not taken as their source takes them, and why. */
const otherOutcomes: Readonly<Record<string, readonly [lenient: number, why: string]>> = {
  'testLocalFileSmlErrorProtocol_2.bin': [1, 'the CRC of the frame is wrong, as its test says'],
  'testSerialResponseSmlError_7.bin': [1, 'the CRC of the frame is wrong, as its test says'],
  'testSerialResponseSmlCont_3.bin': [2, 'the CRC of the second of two frames is wrong'],
  'testSerialResponseSmlCont2_5.bin': [0, 'two bytes are missing; the next file begins with them'],
  'Frame2_2.bin': [1, 'anonymised without a new CRC, and no frame whose CRC could be right'],
  'test_crc_2.bin': [0, 'an open response without a list of values'],
  'test_crc_3.bin': [0, 'an open response without a list of values'],
  'test_crc_4.bin': [0, 'an open response without a list of values'],
};

const sources = corpusOf('sml');
const files = sources.flatMap(({ source, frames }) =>
  frames.map((frame) => ({ source, ...frame })),
);
const runOrSkip = sources.length > 0 ? describe : describe.skip;
const good = encodeSml({
  serverId: '1EMH0000000001',
  entries: [{ obis: '1-0:1.8.0', value: 5, unit: 'Wh' }],
});

/** Every bit would take long and is done for frames of the encoder. */
const bitStep = 3;

const decoderOf = (lenient: boolean) => new SmlDecoder({ standardOffsetMinutes: 60, lenient });
const telegramsOf = (results: readonly (Telegram | Fault)[]): readonly Telegram[] =>
  results.filter((result): result is Telegram => !isFault(result));
function decode(bytes: Uint8Array, lenient = false): readonly Telegram[] {
  const decoder = decoderOf(lenient);
  return telegramsOf([...decoder.push(bytes), ...decoder.end()]);
}

/** Frames whose CRC is right, as it was computed independently of source and decoder. */
function rightFrames({ integrity, file }: CorpusFrame): number {
  const counts = [...(integrity?.crc ?? '').matchAll(/ok(?:-kermit)?x(\d+)/g)];
  if (counts.length > 0) return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  return file in otherOutcomes ? 0 : 1;
}

interface SmlValue extends StatedValue {
  readonly raw?: number;
  readonly scaler?: number | string;
}

/** Sources state raw values with their scaler, scaled ones, or kWh. */
function agrees(register: Register | undefined, stated: SmlValue): boolean {
  if (!register) return false;
  const { value } = register;
  if (typeof value === 'string') return value === stated.value;
  const text = String(stated.value);
  if (stated.unit === 'kWh') return register.unit === 'Wh' && value === Number(`${text}e3`);
  if (stated.scaler === undefined || stated.raw !== undefined) return value === Number(text);
  return value === Number(`${text}e${stated.scaler}`);
}

runOrSkip('SML telegrams of real meters', () => {
  test.each(files)('$source/$file gives its telegrams and no others', (frame) => {
    expect(decode(frame.bytes)).toHaveLength(rightFrames(frame));
    const lenient = otherOutcomes[frame.file]?.[0] ?? rightFrames(frame);
    expect(decode(frame.bytes, true)).toHaveLength(lenient);
  });

  const valued = files.filter(({ values, bytes }) => values && decode(bytes, true).length > 0);
  test.each(valued)('$source/$file has the values that its source states', (frame) => {
    for (const telegram of decode(frame.bytes)) {
      const wrong = frame.values!.filter((stated) => {
        const obis = String(stated.obis).replace(/\*255$/, '');
        const register = telegram.registers.find((one) => one.obis === obis);
        return !agrees(register, stated as SmlValue);
      });
      expect(wrong).toEqual([]);
    }
  });

  const counted = files.filter(({ expected }) => expected !== undefined);
  test.each(counted)('$source/$file has as many entries as its source counts', (frame) => {
    const { obisCount } = frame.expected as { obisCount: number };
    const lenient = frame.file in otherOutcomes;
    const [telegram] = decode(frame.bytes, lenient);
    expect(telegram!.registers).toHaveLength(obisCount);
  });

  test('energy never falls in the long captures, whatever the chunks', () => {
    for (const name of ['ttyUSB0.bin', 'ttyUSB0-3.bin']) {
      const { bytes } = files.find(({ file }) => file === name)!;
      const whole = decode(bytes);
      const energies = whole.map(
        ({ registers }) => registers.find(({ obis }) => obis === '1-0:2.8.0')!.value as number,
      );
      expect([...energies].sort((left, right) => left - right)).toEqual(energies);
      const decoder = decoderOf(false);
      const pieces = [...chunks(bytes, 7, 900)].flatMap((piece) => decoder.push(piece));
      expect(telegramsOf(pieces)).toEqual(whole);
    }
  });

  const whole = files.filter(({ bytes }) => bytes.length < 1000 && decode(bytes).length === 1);
  test.each(whole)('$source/$file with a wrong bit gives no wrong value', ({ bytes }) => {
    const expected = decode(bytes)[0]!;
    for (let bit = 0; bit < bytes.length * 8; bit += bitStep) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const telegrams = telegramsOf(decoderOf(false).push(Buffer.concat([damaged, good])));
      expect(telegrams.at(-1)!.meter.id).toBe('1EMH0000000001');
      for (const { registers } of telegrams.slice(0, -1)) {
        expect(registers).toEqual(expected.registers);
      }
    }
  });
});
