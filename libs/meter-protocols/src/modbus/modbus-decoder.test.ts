import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { blocksOf } from './blocks.js';
import { encodeBlock, encodeModbusReply, encodeModbusRequest, registerValuesOf } from './encode.js';
import { readModbusAddress, type ModbusAddress } from './frames.js';
import { ModbusDecoder } from './modbus-decoder.js';
import { wordTypes } from './register-map.js';
import { registerMapOf, registerMaps } from './register-maps.js';
import { readWords, writeWords } from './words.js';

const serial: ModbusAddress = { framing: 'rtu', unit: 1 };
const network: ModbusAddress = { framing: 'tcp', unit: 1 };
const sdm120 = registerMapOf({ registerMap: 'sdm120' });
const [main] = blocksOf(sdm120);
const measured = {
  powerW: -250.5,
  energyImportWh: 1_234_560,
  energyExportWh: 70,
  voltageL1V: 231.4,
};
const data = encodeBlock(sdm120, main!, registerValuesOf(sdm120, measured));
const exchange = (address: ModbusAddress, transaction = 7): Uint8Array =>
  Buffer.concat([
    encodeModbusRequest(address, main!, transaction),
    encodeModbusReply(address, main!, data, transaction),
  ]);

const decoderWith = (options: Partial<DecoderOptions> = {}): ModbusDecoder =>
  new ModbusDecoder({ standardOffsetMinutes: 60, ...options });
const decode = (
  bytes: Uint8Array,
  options: Partial<DecoderOptions> = {},
): readonly (Telegram | Fault)[] => decoderWith(options).push(bytes);
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const codes = (results: readonly (Telegram | Fault)[]): readonly string[] =>
  results.map((result) => (isFault(result) ? result.fault : 'telegram'));

describe('with a register map', () => {
  const options = { registerMap: 'sdm120', address: '1' };

  test('a request and its reply are a telegram of the map', () => {
    const [telegram] = decode(exchange(serial), options);
    expect(telegram).toMatchObject({
      protocol: 'modbus',
      meter: { manufacturer: 'Eastron', model: 'SDM120-Modbus' },
      at: null,
      checked: true,
    });
    expect((telegram as Telegram).registers.slice(0, 2)).toEqual([
      { obis: '1-0:32.7.0', label: 'Voltage', value: 231.4, unit: 'V' },
      { obis: '1-0:31.7.0', label: 'Current', value: 0, unit: 'A' },
    ]);
    expect(measurementsOf(telegram as Telegram)).toMatchObject([{ measured }]);
  });

  test('a reply without its request is a fault', () => {
    expect(decode(encodeModbusReply(serial, main!, data), options)).toEqual([
      {
        protocol: 'modbus',
        fault: 'unsupported',
        offset: 0,
        detail: 'unit 1: a reply whose request was not seen cannot be told apart',
      },
    ]);
  });

  test('a reply after a damaged request is not taken for that of an earlier one', () => {
    const request = encodeModbusRequest(serial, main!);
    const damaged = Uint8Array.from(request);
    damaged[3]! ^= 1;
    const reply = encodeModbusReply(serial, main!, data);
    const stream = Buffer.concat([request, damaged, reply]);
    expect(codes(decode(stream, options))).toEqual(['noise', 'unsupported']);
  });

  test('other units on the line are passed over', () => {
    expect(decode(exchange({ ...serial, unit: 2 }), options)).toEqual([]);
  });

  test('an exception says what the meter says', () => {
    const stream = Buffer.concat([
      encodeModbusRequest(serial, main!),
      encodeModbusReply(serial, main!, { exception: 2 }),
    ]);
    expect(decode(stream, options)).toMatchObject([
      { fault: 'unsupported', detail: 'unit 1: it has no registers at these addresses' },
    ]);
  });

  test('Modbus TCP is read too, its pairs told by their numbers', () => {
    const [first, second] = [exchange(network, 1), exchange(network, 2)];
    const tcp = { ...options, address: 'tcp:1' };
    const mixed = Buffer.concat([
      first.subarray(0, 12),
      second.subarray(0, 12),
      second.subarray(12),
      first.subarray(12),
    ]);
    expect(decode(first, tcp)).toMatchObject([{ checked: false }]);
    expect(codes(decode(mixed, tcp))).toEqual(['telegram', 'telegram']);
  });
});

describe('without a register map', () => {
  test('words are floats under their addresses', () => {
    const [telegram] = decode(exchange(serial));
    expect((telegram as Telegram).registers[0]).toEqual({
      label: 'input 0x0000 float32',
      value: 231.4,
    });
  });

  test('a lone reply is numbered from its first word', () => {
    expect(decode(hex('01 04 04 43 66 33 34 1b 38'))).toMatchObject([
      { registers: [{ label: 'input +0 float32', value: 230.20001 }], checked: true },
    ]);
  });

  test.each([
    ['000001b3', 'uint32', 435],
    ['ffffff38', 'int32', -200],
    ['00000000', 'float32', 0],
    ['ffffffff', 'float32', ''],
    ['7fc00000', 'float32', ''],
    ['43666666', 'float32', 230.4],
    ['00800000', 'float32', 1.1754944e-38],
  ])('%s is a pair of words of type %s: %p', (words, type, value) => {
    const block = { function: 4, start: 0, words: 2 } as const;
    expect(decode(encodeModbusReply(serial, block, hex(words)))).toMatchObject([
      { registers: [{ label: `input +0 ${type}`, value }] },
    ]);
  });

  test('an odd number of words cannot be floats', () => {
    const block = { function: 3, start: 16, words: 1 } as const;
    const stream = Buffer.concat([
      encodeModbusRequest(serial, block),
      encodeModbusReply(serial, block, hex('08fc')),
    ]);
    expect(decode(stream)).toMatchObject([
      { registers: [{ label: 'holding 0x0010 uint16', value: 2300 }] },
    ]);
  });

  test('the kind of frames is told by the first of them', () => {
    expect(codes(decode(Buffer.concat([exchange(network), exchange(network)])))).toEqual([
      'telegram',
      'telegram',
    ]);
    const rtu = Buffer.concat([Buffer.of(0, 0xff, 0), exchange(serial), exchange(serial)]);
    expect(codes(decode(rtu))).toEqual(['noise', 'telegram', 'telegram']);
  });
});

describe('the line', () => {
  const reply = encodeModbusReply(serial, main!, data);

  test('zeros before and after each reply are nothing', () => {
    const floating = Buffer.concat([
      encodeModbusRequest(serial, main!),
      Buffer.of(0),
      reply,
      Buffer.of(0),
    ]);
    const twice = Buffer.concat([floating, floating]);
    const results = decode(twice, { registerMap: 'sdm120', address: '1' });
    expect(codes(results)).toEqual(['telegram', 'telegram']);
  });

  test('a damaged reply is one fault, and the next one is read', () => {
    const damaged = Uint8Array.from(reply);
    damaged[20]! ^= 1;
    expect(codes(decode(Buffer.concat([damaged, reply])))).toEqual([
      'checksum',
      'noise',
      'telegram',
    ]);
  });

  test('a reply without its last byte costs the next one at most', () => {
    const cut = hex('00 01 04 04 43 66 e6 66 c4');
    const whole = hex('01 04 04 43 66 33 34 1b 38');
    expect(codes(decode(Buffer.concat([cut, whole, whole]))).at(-1)).toBe('telegram');
  });

  test('what a recording ends with is told', () => {
    const decoder = decoderWith();
    expect(decoder.push(reply.subarray(0, 30))).toEqual([]);
    expect(codes(decoder.end())).toEqual(['noise']);
    expect(decoder.end()).toEqual([]);
  });
});

describe('addresses', () => {
  test.each([
    ['1', 'rtu', 1],
    ['247', 'rtu', 247],
    [undefined, 'rtu', 1],
    ['tcp:0', 'tcp', 0],
    ['tcp:255', 'tcp', 255],
  ])('%s is %s unit %d', (text, framing, unit) => {
    expect(readModbusAddress(text)).toEqual({ framing, unit });
  });

  test.each(['0', '248', 'tcp:256', 'one', '1.5', ''])('"%s" is none', (text) => {
    expect(readModbusAddress(text)).toMatch('is no Modbus address');
    expect(() => decoderWith({ address: text })).toThrow('is no Modbus address');
  });
});

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

describe('words', () => {
  const cases = [
    ['float32', 'high-first', 1, '43663333', 230.2],
    ['float32', 'low-first', 1, '33334366', 230.2],
    ['int32', 'low-first', 0.1, 'fff0ffff', -1.6],
    ['uint32', 'high-first', -0.1, '00000fa1', -400.1],
    ['uint32', 'high-first', -0.1, '00000000', 0],
    ['int16', 'high-first', 0.001, 'fc18', -1],
    ['uint64', 'high-first', 0.01, '0000000000003039', 123.45],
    ['int64', 'high-first', 1, 'ffffffffffffffff', -1],
    ['float64', 'high-first', 1000, '3ff8000000000000', 1500],
    ['float32', 'high-first', 1, '7fc00000', null],
    ['float32', 'high-first', 1, 'ff800000', null],
    ['uint32', 'high-first', 1, 'ffffffff', null],
    ['int16', 'high-first', 1, '8000', null],
    ['int32', 'high-first', 1, '7fffffff', null],
    ['uint64', 'high-first', 1, 'ffffffffffffffff', null],
  ] as const;
  test.each(
    cases.map(([type, wordOrder, scale, bytes, value]) => ({
      type,
      wordOrder,
      scale,
      bytes,
      value,
    })),
  )('$type, $wordOrder, times $scale: $bytes is $value', ({ bytes, value, ...form }) => {
    expect(readWords(viewOf(hex(bytes)), 0, form)).toBe(value);
  });

  test('any value survives, in any type and order', () => {
    const form = fc.record({
      type: fc.constantFrom(...wordTypes),
      wordOrder: fc.constantFrom('high-first' as const, 'low-first' as const),
      scale: fc.constantFrom(1, 0.1, 0.01, 10),
    });
    fc.assert(
      fc.property(form, fc.integer({ min: 0, max: 32_000 }), (one, raw) => {
        const value = raw * one.scale;
        expect(readWords(viewOf(writeWords(value, one)), 0, one)).toBeCloseTo(value, 6);
      }),
    );
  });
});

describe('register maps', () => {
  test.each(registerMaps.map((map) => [map.name, map] as const))(
    '%s states power and energy, and survives the encoder',
    (_name, map) => {
      const sample = {
        powerW: map.manufacturer === 'Growatt' ? -1_500 : 1_500,
        energyImportWh: 5_000_000,
        energyExportWh: 7_000_000,
      };
      const values = registerValuesOf(map, sample);
      const options = { registerMap: map.name };
      const telegrams = blocksOf(map).map((block) => {
        const stream = Buffer.concat([
          encodeModbusRequest(serial, block),
          encodeModbusReply(serial, block, encodeBlock(map, block, values)),
        ]);
        const [telegram] = decode(stream, options);
        return telegram as Telegram;
      });
      const registers = telegrams.flatMap((telegram) => telegram.registers);
      const [measurement] = measurementsOf({ ...telegrams[0]!, registers });
      const stated =
        map.manufacturer === 'Growatt' ? { ...sample, energyImportWh: undefined } : sample;
      expect(measurement!.measured).toMatchObject(JSON.parse(JSON.stringify(stated)));
    },
  );

  test('an unknown one is refused, with the names of those that are known', () => {
    expect(() => decoderWith({ registerMap: 'sdm999' })).toThrow(
      'no register map "sdm999"; known are abb-b23, em24',
    );
  });
});
