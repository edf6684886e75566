import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Fault, Telegram } from '@wattbus/energy-model';
import { isFault } from '@wattbus/energy-model';
import { dlms } from '../src/dlms/dlms.protocol.js';
import { compared, isAboutParser, reasonFor, type ExpectedValue } from './corpus-dlms-claims.js';

/** Real captures, read in place: see the README of the corpus. */
const root = join(
  resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus'),
  'telegrams',
  dlms.name,
);

interface Frame {
  readonly file: string;
  readonly expect: string;
  readonly integrity?: { readonly crc: string };
  readonly key?: string;
  readonly authKey?: string;
  readonly values?: readonly ExpectedValue[];
}

interface Capture {
  readonly name: string;
  readonly frame: Frame;
  readonly bytes: Uint8Array;
}

function captures(): Capture[] {
  return readdirSync(root).flatMap((source) => {
    const expected = JSON.parse(readFileSync(join(root, source, 'expected.json'), 'utf8')) as {
      frames: Frame[];
    };
    return expected.frames
      .filter(({ file }) => file.endsWith('.bin'))
      .map((frame) => ({
        name: `${source}/${frame.file}`,
        frame,
        bytes: Uint8Array.from(readFileSync(join(root, source, frame.file))),
      }));
  });
}

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

const newDecoder = ({ key, authKey }: Frame) =>
  dlms.decoder({
    standardOffsetMinutes: 60,
    ...(key ? { key: fromHex(key) } : {}),
    ...(authKey ? { authenticationKey: fromHex(authKey) } : {}),
  });

const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result): result is Telegram => !isFault(result));

const available = existsSync(root);
const all = available ? captures() : [];
const describeCorpus = available ? describe : describe.skip;
if (!available) console.warn(`no captures at ${root}: the corpus tests of dlms are skipped`);

describeCorpus('captures of real meters', () => {
  const withValues = all.filter(({ frame }) => (frame.values?.length ?? 0) > 0);
  let met = 0;
  let excused = 0;

  test.each(withValues.map((capture) => [capture.name, capture] as const))(
    '%s has the values that its source states',
    (name, { frame, bytes }) => {
      const telegram = telegramsOf(newDecoder(frame).push(bytes))[0];
      for (const expected of frame.values ?? []) {
        if (isAboutParser(expected)) continue;
        if (reasonFor(name, expected.obis ?? expected.item ?? '')) {
          excused += 1;
          continue;
        }
        const { stated, given } = compared(name, telegram!, expected);
        const label = JSON.stringify(expected);
        if (typeof stated === 'number' && typeof given === 'number') {
          expect({ label, given }).toEqual({ label, given: expect.closeTo(stated, 6) });
        } else expect({ label, given }).toEqual({ label, given: stated });
        met += 1;
      }
    },
  );

  test('few of the stated values need an excuse', () => {
    console.log(`dlms corpus: ${met} values met, ${excused} with a reason`);
    expect(met).toBeGreaterThan(500);
  });

  const streams = all.filter(({ frame }) => frame.expect.startsWith('stream'));
  test.each(streams.map((capture) => [capture.name, capture] as const))(
    '%s gives a telegram for every good frame',
    (_name, { frame, bytes }) => {
      const results = newDecoder(frame).push(bytes);
      const good = Number(/stream, (\d+) good/.exec(frame.expect)![1]);
      expect(telegramsOf(results)).toHaveLength(good);
      expect(results.filter((result) => isFault(result) && result.fault !== 'noise')).toEqual([]);
    },
  );

  test('an evening of list 1 has the mean power that its recorder saw', () => {
    const evening = streams.find(({ name }) => name.includes('kaifa_20170912-2'))!;
    const lists = telegramsOf(newDecoder(evening.frame).push(evening.bytes));
    const [list1, list2] = [1, 13].map((size) =>
      lists.filter(({ registers }) => registers.length === size),
    );
    const mean = list1!.reduce((sum, l) => sum + Number(l.registers[0]!.value), 0) / list1!.length;
    expect(mean).toBeGreaterThan(1000);
    expect(mean).toBeLessThan(2000);
    expect(list1!.length / list2!.length).toBeCloseTo(4, 0);
  });

  test('a capture without a key is a decryption fault that says what to do', () => {
    const kaifa = all.find(({ name }) => name.includes('ma309m_nokey'))!;
    expect(newDecoder(kaifa.frame).push(kaifa.bytes)).toEqual([
      expect.objectContaining({ fault: 'decryption', detail: expect.stringContaining('key') }),
    ]);
  });

  test('a last block without the ones before it is no telegram', () => {
    const block = all.find(({ name }) => name.includes('gbt_last_block'))!;
    expect(newDecoder(block.frame).push(block.bytes)).toEqual([
      expect.objectContaining({ fault: 'truncated' }),
    ]);
  });
});

/** Small and seeded: the same cuts and garbage on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describeCorpus('captures under ill treatment', () => {
  const frames = all.filter(({ bytes }) => bytes.length <= 600);
  const isLinked = ({ frame }: Capture) => /hdlc ok|mbus ok/.test(frame.integrity?.crc ?? '');
  const decode = ({ frame }: Capture, chunks: readonly Uint8Array[]) => {
    const decoder = newDecoder(frame);
    return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  };

  test.each(frames.map((capture) => [capture.name, capture] as const))(
    '%s means the same however it is cut into chunks',
    (_name, capture) => {
      const whole = decode(capture, [capture.bytes]);
      const single = decode(
        capture,
        Array.from(capture.bytes, (byte) => Uint8Array.of(byte)),
      );
      expect(single).toEqual(whole);
      const next = random(capture.bytes.length);
      for (let round = 0; round < 20; round += 1) {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < capture.bytes.length;) {
          const size = 1 + Math.floor(next() * 80);
          chunks.push(capture.bytes.subarray(at, at + size));
          at += size;
        }
        expect(decode(capture, chunks)).toEqual(whole);
      }
    },
  );

  const linked = frames.filter(isLinked);
  test.each(linked.map((capture) => [capture.name, capture] as const))(
    '%s is found after garbage and after a copy of itself that was cut short',
    (_name, capture) => {
      const whole = telegramsOf(decode(capture, [capture.bytes]));
      const next = random(7);
      for (let round = 0; round < 20; round += 1) {
        const garbage = Uint8Array.from({ length: 200 }, () => Math.floor(next() * 256));
        const cut = capture.bytes.subarray(0, Math.floor(next() * capture.bytes.length));
        // A header in the garbage may claim what follows: as on a line, frames keep coming.
        const again = Array.from({ length: 12 }, () => capture.bytes);
        const found = telegramsOf(decode(capture, [garbage, cut, ...again]));
        expect(found.slice(found.length - whole.length)).toEqual(whole);
      }
    },
  );

  test.each(linked.map((capture) => [capture.name, capture] as const))(
    '%s with any one bit flipped gives no other values, and the next one is read',
    (_name, capture) => {
      const { bytes } = capture;
      const whole = telegramsOf(decode(capture, [bytes]));
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = Uint8Array.from(bytes);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        const results = decode(capture, [damaged, bytes]);
        const telegrams = telegramsOf(results);
        // Text instead of `toEqual`, which is slow in such a loop.
        const texts = telegrams.map((telegram) => JSON.stringify(telegram));
        const good = new Set(whole.map((telegram) => JSON.stringify(telegram)));
        const wrong = texts.find((text) => !good.has(text));
        if (wrong !== undefined) throw new Error(`bit ${bit} gives ${wrong}`);
        if (whole.length > 0 && texts.at(-1) !== JSON.stringify(whole.at(-1))) {
          throw new Error(`bit ${bit}: the next frame is not found`);
        }
      }
    },
  );
});
