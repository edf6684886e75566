import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { chunks, isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { readStatusRegister } from '../src/tic/status-register.js';
import { TicDecoder } from '../src/tic/tic-decoder.js';
import { corpusOf } from './corpus.js';

const sources = corpusOf('linky-tic');
const runOrSkip = sources.length > 0 ? describe : describe.skip;
const all = sources.flatMap(({ source, frames }) => frames.map((frame) => ({ source, ...frame })));
const captures = all.filter(({ integrity }) => integrity !== undefined);

/** Every bit would take long and is done for frames of the encoder. */
const bitStep = 3;

const decode = (bytes: Uint8Array): readonly (Telegram | Fault)[] =>
  new TicDecoder({ standardOffsetMinutes: 60 }).push(bytes);
const telegramsOf = (results: readonly (Telegram | Fault)[]): readonly Telegram[] =>
  results.filter((result): result is Telegram => !isFault(result));

/** Groups as the meter sent them; the states that one of them holds are not groups. */
const groupsOf = (telegrams: readonly Telegram[]) =>
  telegrams
    .flatMap(({ registers }) => registers)
    .filter(({ label }) => !label!.startsWith('STGE '));

/** Recordings that begin or end within a frame: those of its groups are counted by their source. */
const outsideFrames: Readonly<Record<string, number>> = {};

runOrSkip('TIC frames of real meters', () => {
  test.each(captures)('$source/$file has all groups whose checksum is right', (frame) => {
    const [right] = frame.integrity!.crc.split('/').map(Number);
    const groups = groupsOf(telegramsOf(decode(frame.bytes)));
    expect(groups).toHaveLength(right! - (outsideFrames[frame.file] ?? 0));
  });

  const counted = captures.filter(({ expect: text }) => text?.includes('ETX'));
  test.each(counted)('$source/$file gives a telegram for each whole frame', (frame) => {
    const ends = Number(/(\d+) ETX/.exec(frame.expect!)![1]);
    expect(telegramsOf(decode(frame.bytes))).toHaveLength(ends);
  });

  const stated = captures.filter(({ expected }) => expected !== undefined);
  test.each(stated)('$source/$file has the values that its source states', (frame) => {
    const [telegram] = telegramsOf(decode(frame.bytes));
    for (const [label, text] of Object.entries(frame.expected as Record<string, string>)) {
      const register = telegram!.registers.find((one) => one.label === label);
      const value = typeof register?.value === 'number' ? Number(text) : text;
      expect({ label, value: register?.value }).toEqual({ label, value });
    }
  });

  test('the group with a wrong checksum is refused and named', () => {
    const { bytes } = all.find(({ file }) => file === 'base_bad_checksum.bin')!;
    const [telegram] = telegramsOf(decode(bytes));
    expect(telegram).toMatchObject({
      checked: false,
      warnings: ['line skipped: group IMAX: the checksum is wrong'],
    });
    expect(telegram!.registers.map(({ label }) => label)).not.toContain('IMAX');
  });

  test.each(captures)('$source/$file gives the same in pieces of any size', ({ bytes }) => {
    const decoder = new TicDecoder({ standardOffsetMinutes: 60 });
    const pieces = [...chunks(bytes, 11, 200)].flatMap((piece) => decoder.push(piece));
    expect(pieces).toEqual(decode(bytes));
  });

  const small = captures.filter(({ bytes }) => bytes.length < 1300);
  test.each(small)('$source/$file with a wrong bit gives no wrong value', ({ bytes }) => {
    const right = telegramsOf(decode(bytes)).flatMap(({ registers }) => registers);
    const known = new Set(right.map((register) => JSON.stringify(register)));
    const wrong: unknown[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += bitStep) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const registers = telegramsOf(decode(damaged)).flatMap((telegram) => telegram.registers);
      wrong.push(...registers.filter((register) => !known.has(JSON.stringify(register))));
    }
    expect(wrong).toEqual([]);
  });

  test('the register of states means what its source says', () => {
    const { bytes } = all.find(({ file }) => file === 'stge_vectors.json')!;
    const vectors = JSON.parse(Buffer.from(bytes).toString()) as Record<string, string | number>[];
    for (const vector of vectors) {
      const states = readStatusRegister(String(vector['line']).split('\t')[1]!);
      for (const [name, word] of Object.entries(vector)) {
        if (name === 'line') continue;
        const { label, meaning } = stateNames[name]!;
        const value = states.find((one) => one.label === `STGE ${label}`)?.value;
        expect({ name, value }).toEqual({ name, value: meaning[word] ?? word });
      }
    }
  });
});

const colours = { BLEU: 'blue', BLANC: 'white', ROUGE: 'red' };
const numbers = { EASF01: 1, EASF02: 2, EASF03: 3, EASD01: 1 };

/** The source's names and words, and ours. */
const stateNames: Readonly<
  Record<string, { label: string; meaning: Readonly<Record<string, string | number>> }>
> = {
  STGE02: {
    label: 'breaker',
    meaning: {
      Ferme: 'closed',
      'Ouvert sur surpuissance': 'open: too much power',
      'Ouvert sur surtension': 'open: voltage too high',
      'Ouvert sur delestage': 'open: load shedding',
    },
  },
  STGE06: { label: 'mode', meaning: { Consommateur: 'consumer', Producteur: 'producer' } },
  STGE08: { label: 'supplier tariff', meaning: numbers },
  STGE09: { label: 'distributor tariff', meaning: numbers },
  STGE12: { label: 'Euridis port', meaning: { 'Activee sans securite': 'on, open' } },
  STGE13: { label: 'PLC state', meaning: { 'New/Lock': 'new, locked', Registered: 'registered' } },
  STGE15: { label: 'colour today', meaning: colours },
  STGE16: { label: 'colour tomorrow', meaning: colours },
  STGE17: { label: 'peak announced', meaning: {} },
  STGE18: { label: 'peak now', meaning: {} },
};
