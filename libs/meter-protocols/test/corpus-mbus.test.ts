import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
import { encodeMbus } from '../src/mbus/encode.js';
import { MbusDecoder } from '../src/mbus/mbus-decoder.js';
import { measurementsOf } from '../src/measurements.js';
import { corpusOf } from './corpus.js';

interface Golden {
  readonly slave: { readonly [name: string]: string | null | undefined };
  readonly records: readonly GoldenRecord[];
}

interface GoldenRecord {
  readonly Function?: string;
  readonly StorageNumber?: string;
  readonly Tariff?: string;
  readonly Device?: string;
  readonly Unit?: string;
  readonly Quantity?: string;
  readonly Value?: string;
}

const timeRemark = 'a VIFE says that this is a time, which the source reads as a number';
const displayed = 'digits beyond 9 are no number, which the source reads as one';

/** Records that are not read as the source reads them, and why. */
const otherRecords: Readonly<Record<string, string>> = {
  'ELS_Elster-F96-Plus.bin 4': displayed,
  'ELS_Elster-F96-Plus.bin 5': displayed,
  'abb_f95.bin 2': displayed,
  'abb_f95.bin 3': displayed,
  'landis+gyr_ultraheat_t230.bin 19': timeRemark,
  'landis+gyr_ultraheat_t230.bin 20': timeRemark,
  'landis+gyr_ultraheat_t230.bin 21': timeRemark,
  'landis+gyr_ultraheat_t230.bin 22': timeRemark,
  'REL-Relay-Padpuls2.bin 1': 'the time is marked invalid, and given with that mark',
  'manual_frame2.bin 1': 'the unit is that of the other counter, which the source does not say',
  'sen_pollutherm.bin 2': 'VIF 7B is reserved, and the source leaves out such records',
};

const sources = corpusOf('mbus');
const runOrSkip = sources.length > 0 ? describe : describe.skip;
const frames = sources.flatMap(({ source, frames: all }) => all.map((one) => ({ source, ...one })));
const goldenOf = ({ expected }: { readonly expected?: unknown }): Golden => expected as Golden;
const decoded = frames.filter(({ expect: text }) => text === 'decode');
const refused = frames.filter(({ expect: text }) => text !== 'decode');
const next = encodeMbus({
  address: 1,
  id: '00000001',
  manufacturer: 'WBS',
  version: 1,
  medium: 7,
  records: [{ value: [0x13], coding: 'bcd', bytes: 4, count: 7 }],
});

/** A length that is wrong may swallow the longest of frames. */
const enough = Array.from({ length: 12 }, () => next);

const decode = (bytes: Uint8Array): readonly (Telegram | Fault)[] => new MbusDecoder().push(bytes);
function telegramOf(bytes: Uint8Array): Telegram {
  const [result, ...others] = decode(bytes);
  if (!result || isFault(result) || others.length > 0) throw new Error(JSON.stringify(result));
  return result;
}

const functions: Readonly<Record<string, string>> = {
  'Maximum value': 'maximum',
  'Minimum value': 'minimum',
  'Value during error state': 'during error',
};

/** The end of our label for what the source has in fields of their own. */
function qualifiersOf(record: GoldenRecord): string {
  const named = [
    ['storage', record.StorageNumber],
    ['tariff', record.Tariff],
    ['device', record.Device],
  ] as const;
  return [
    functions[record.Function ?? ''] ?? [],
    named.flatMap(([name, number]) => (Number(number ?? 0) === 0 ? [] : [`${name} ${number}`])),
  ]
    .flat()
    .map((text) => `, ${text}`)
    .join('');
}

/** The source writes `m^3`, a doubly encoded degree sign, and `-` for no unit. */
const unitOf = ({ Unit = '' }: GoldenRecord): string =>
  Unit.replace('^', '')
    .replace('Â', '')
    .replace(/^-$|Units.*|Reserved/, '');

function agrees(register: Register, record: GoldenRecord): boolean {
  const { label = '', unit = '', value } = register;
  const stated = record.Value ?? '';
  if (unit !== unitOf(record)) return false;
  if (!label.startsWith(record.Quantity ?? '') || !label.endsWith(qualifiersOf(record)))
    return false;
  if (typeof value === 'string') return value === stated.replace(/(T.*)Z$/, '$1');
  return Math.abs(value - Number(stated)) <= 1e-6 * Math.max(1, Math.abs(value));
}

runOrSkip('M-Bus frames of real meters', () => {
  test.each(decoded)('$file has the header and the records that its source states', (frame) => {
    const { slave, records } = goldenOf(frame);
    const { meter, registers } = telegramOf(frame.bytes);
    expect(parseInt(meter.id!, 16)).toBe(parseInt(slave['Id']!, 16));
    expect(meter.manufacturer).toBe(slave['Manufacturer'] ?? undefined);
    expect(meter.model).toContain(slave['Medium']!.replace(/ \(.*/, ''));
    expect(registers).toHaveLength(records.length);
    const wrong = records.filter(
      (record, index) =>
        !(`${frame.file} ${index}` in otherRecords) && !agrees(registers[index]!, record),
    );
    expect(wrong).toEqual([]);
  });

  test.each(refused)('$file is no telegram: $expect', (frame) => {
    const results = decode(Buffer.concat([frame.bytes, ...enough]));
    const error = (frame.expected as Golden | undefined)?.slave['Error'];
    if (error)
      expect(results[0]).toMatchObject({ detail: expect.stringContaining(error.slice(0, 12)) });
    const telegrams = results.filter((result): result is Telegram => !isFault(result));
    expect(telegrams.length).toBeGreaterThan(0);
    for (const { meter } of telegrams) expect(meter.id).toBe('00000001');
  });

  test('meters of each medium measure what they are for', () => {
    const measuredOf = (file: string) => {
      const frame = frames.find((one) => one.file === file)!;
      const [measurement] = measurementsOf(telegramOf(frame.bytes));
      return { medium: measurement!.medium, ...measurement!.measured };
    };
    expect(measuredOf('oms_frame3.bin')).toEqual({
      medium: 'heat',
      heatJ: 2_850_427_000 * 3600,
      volumeL: 703_476,
      volumeFlowLPerH: 127,
      heatPowerW: 329.7,
      flowTemperatureC: 44.3,
      returnTemperatureC: 25.1,
    });
    expect(measuredOf('itron_cyble_m-bus_v1.4_gas.bin')).toMatchObject({ medium: 'gas' });
    expect(measuredOf('GWF-MTKcoder.bin')).toEqual({ medium: 'water', volumeL: 269_000 });
    expect(measuredOf('electricity-meter-1.bin')).toMatchObject({
      medium: 'electricity',
      energyImportWh: 17_756_850,
      powerW: 3200,
      powerL3W: 1600,
      voltageL2V: 231,
      currentL1A: 3.2,
    });
  });

  test.each(decoded)('$file with a wrong bit gives no other telegram', ({ bytes }) => {
    const right = JSON.stringify(telegramOf(bytes));
    const wrong: unknown[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const results = decode(damaged).filter((result) => !isFault(result));
      wrong.push(...results.filter((result) => JSON.stringify(result) !== right));
    }
    expect(wrong).toEqual([]);
  });
});
