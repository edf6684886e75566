import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { conformanceSamples } from '../../test/conformance-samples.js';
import { measurementsOf } from '../measurements.js';
import { encodeTic, ticGroupsOf, type TicGroup } from './encode.js';
import { TicDecoder, frameBytesMax } from './tic-decoder.js';

const options = { standardOffsetMinutes: 60 };
const decode = (bytes: Uint8Array, lenient = false): readonly (Telegram | Fault)[] =>
  new TicDecoder({ ...options, lenient }).push(bytes);

function telegramOf(bytes: Uint8Array, lenient = false): Telegram {
  const [result] = decode(bytes, lenient);
  if (!result || isFault(result)) throw new Error(`no telegram: ${JSON.stringify(result)}`);
  return result;
}

const registersOf = (groups: readonly TicGroup[], mode: 'historique' | 'standard' = 'standard') =>
  telegramOf(encodeTic({ mode, groups })).registers;

/** The frame of the encoder with the group's data replaced and its checksum left as it was. */
const withData = (frame: Uint8Array, from: string, to: string): Uint8Array =>
  Buffer.from(Buffer.from(frame).toString('latin1').replace(from, to), 'latin1');

const offPeak = encodeTic({
  mode: 'historique',
  groups: [
    { label: 'ADCO', data: '021528603947' },
    { label: 'OPTARIF', data: 'HC..' },
    { label: 'ISOUSC', data: '45' },
    { label: 'HCHC', data: '000837362' },
    { label: 'HCHP', data: '002035628' },
    { label: 'PTEC', data: 'HP..' },
    { label: 'IINST', data: '001' },
    { label: 'PAPP', data: '00190' },
  ],
});

describe('historique', () => {
  test('groups are registers with label, OBIS code and unit', () => {
    expect(telegramOf(offPeak)).toEqual({
      protocol: 'tic',
      meter: { id: '021528603947', manufacturer: 'Sagemcom' },
      at: null,
      registers: [
        { label: 'ADCO', value: '021528603947' },
        { label: 'OPTARIF', value: 'HC' },
        { label: 'ISOUSC', value: 45, unit: 'A' },
        { obis: '1-0:1.8.1', label: 'HCHC', value: 837362, unit: 'Wh' },
        { obis: '1-0:1.8.2', label: 'HCHP', value: 2035628, unit: 'Wh' },
        { obis: '0-0:96.14.0', label: 'PTEC', value: 'HP' },
        { obis: '1-0:11.7.0', label: 'IINST', value: 1, unit: 'A' },
        { obis: '1-0:9.7.0', label: 'PAPP', value: 190, unit: 'VA' },
      ],
      checked: true,
      warnings: [],
    });
  });

  test('a checksum that is a blank is one', () => {
    // The group of the standard: its checksum is 0x20.
    expect(Buffer.from(offPeak).toString('latin1')).toContain('\nPTEC HP..  \r');
  });

  test('the option carries its programme byte', () => {
    expect(registersOf([{ label: 'OPTARIF', data: 'BBR(' }], 'historique')[0]!.value).toBe('BBR(');
  });

  test('a short alert frame is a telegram without registers of energy', () => {
    const alert = encodeTic({
      mode: 'historique',
      groups: [
        { label: 'ADIR1', data: '034' },
        { label: 'ADCO', data: '021630000001' },
        { label: 'IINST1', data: '034' },
        { label: 'IINST2', data: '002' },
      ],
    });
    const telegram = telegramOf(alert);
    expect(telegram).toMatchObject({ checked: true, meter: { id: '021630000001' } });
    expect(measurementsOf(telegram)).toMatchObject([{ measured: { currentL1A: 34 } }]);
  });

  test('the tariffs make the total', () => {
    expect(measurementsOf(telegramOf(offPeak))).toMatchObject([
      {
        subject: 'main',
        medium: 'electricity',
        meterId: '021528603947',
        measured: {
          energyImportWh: 2872990,
          energyImportTariff1Wh: 837362,
          energyImportTariff2Wh: 2035628,
          apparentPowerVA: 190,
          currentL1A: 1,
          currentLimitA: 45,
        },
      },
    ]);
  });

  test('the six registers of Tempo make the total', () => {
    const labels = ['BBRHCJB', 'BBRHPJB', 'BBRHCJW', 'BBRHPJW', 'BBRHCJR', 'BBRHPJR'];
    const groups = labels.map((label, index) => ({ label, data: `00000000${index + 1}` }));
    const frame = encodeTic({
      mode: 'historique',
      groups: [{ label: 'OPTARIF', data: 'BBR(' }, ...groups],
    });
    expect(measurementsOf(telegramOf(frame))[0]!.measured.energyImportWh).toBe(21);
  });
});

describe('a damaged group', () => {
  const damaged = withData(offPeak, '000837362', '000837372');

  test('is left out with a warning, and the rest is kept', () => {
    const telegram = telegramOf(damaged);
    expect(telegram.checked).toBe(false);
    expect(telegram.warnings).toEqual([
      'line skipped: group HCHC: the checksum is wrong',
      'line skipped: group HCHC is missing',
    ]);
    expect(telegram.registers).toHaveLength(7);
  });

  test('makes no total that would fall', () => {
    const [measurement] = measurementsOf(telegramOf(damaged));
    expect(measurement!.measured).not.toHaveProperty('energyImportWh');
    expect(measurement!.measured.energyImportTariff2Wh).toBe(2035628);
  });

  test('a lost tariff is noticed by the option', () => {
    const lost = withData(offPeak, '\nHCHC 000837362 #\r', '');
    expect(telegramOf(lost).warnings).toEqual(['line skipped: group HCHC is missing']);
  });

  test('lenient, it is taken with its wrong checksum', () => {
    expect(telegramOf(damaged, true).registers).toContainEqual({
      obis: '1-0:1.8.1',
      label: 'HCHC',
      value: 837372,
      unit: 'Wh',
    });
  });

  test('a digit that became a letter shows although the checksum cannot tell', () => {
    // Bit 6 is worth 64, which six bits do not hold.
    const telegram = telegramOf(withData(offPeak, '000837362', '0008s7362'));
    expect(telegram.warnings[0]).toContain('group HCHC: "0008s7362"');
  });

  test('if all are, the frame is a fault', () => {
    const frame = encodeTic({ mode: 'historique', groups: [{ label: 'PAPP', data: '00190' }] });
    expect(decode(withData(frame, '00190', '00191'))).toMatchObject([
      { fault: 'checksum', offset: 0 },
    ]);
  });
});

describe('standard', () => {
  test('the clock is the time of the telegram, in summer and in winter', () => {
    const summer = '2026-07-01T12:00:00+02:00';
    const winter = '2026-01-01T12:00:00+01:00';
    for (const at of [summer, winter]) {
      const frame = encodeTic({ mode: 'standard', groups: [{ label: 'DATE', at, data: '' }] });
      expect(telegramOf(frame)).toMatchObject({ at, registers: [{ label: 'DATE', value: at }] });
    }
  });

  test('small season letters warn of a clock that was not set', () => {
    const bytes = Buffer.from('\x02\nDATE\te260701120000\t\tJ\r\x03', 'latin1');
    const telegram = telegramOf(bytes, true);
    expect(telegram.at).toBe('2026-07-01T12:00:00+02:00');
    expect(telegram.warnings).toEqual(['the meter says that its clock is not reliable']);
  });

  test('a peak has its own time, and none before the first one', () => {
    const at = '2026-07-01T08:15:30+02:00';
    expect(registersOf([{ label: 'SMAXSN', at, data: '07337' }])).toEqual([
      { label: 'SMAXSN', value: 7337, unit: 'VA', at },
    ]);
    const zero = Buffer.from('\x02\nSMAXIN\tE000000000000\t00000\t=\r\x03', 'latin1');
    expect(telegramOf(zero, true).registers[0]).toEqual({
      label: 'SMAXIN',
      value: 0,
      unit: 'VA',
    });
  });

  test('texts lose the blanks that fill their field', () => {
    expect(registersOf([{ label: 'LTARF', data: '    HP  BLEU    ' }])[0]!.value).toBe('HP BLEU');
  });

  test('a producer has export, and injected power counts as negative', () => {
    const frame = encodeTic({
      mode: 'standard',
      groups: [
        { label: 'ADSC', data: '041876000001' },
        { label: 'EAST', data: '000001000' },
        { label: 'EAIT', data: '000002000' },
        { label: 'SINSTS', data: '00000' },
        { label: 'SINSTI', data: '01500' },
      ],
    });
    const telegram = telegramOf(frame);
    expect(telegram.meter).toEqual({
      id: '041876000001',
      manufacturer: 'Landis+Gyr',
      model: 'Linky',
    });
    expect(measurementsOf(telegram)[0]!.measured).toEqual({
      energyImportWh: 1000,
      energyExportWh: 2000,
      apparentPowerVA: -1500,
    });
  });

  test('an unknown group is named, and taken where that is asked for', () => {
    const groups = [
      { label: 'EAST', data: '000001000' },
      { label: 'NEUF+1', data: '0042' },
    ];
    const frame = encodeTic({ mode: 'standard', groups });
    expect(telegramOf(frame)).toMatchObject({
      registers: [{ label: 'EAST' }],
      checked: true,
      warnings: ['group NEUF+1 is unknown'],
    });
    expect(telegramOf(frame, true).registers[1]).toEqual({ label: 'NEUF+1', value: '0042' });
  });
});

describe('the stream', () => {
  const frame = encodeTic({
    mode: 'standard',
    groups: ticGroupsOf(
      'standard',
      { meterId: '021961000001', at: '2026-07-01T12:00:00+02:00' },
      { energyImportWh: 5_000_000, voltageL1V: 231.4, currentL1A: 2 },
    ),
  });

  test('seven bits with their parity in the eighth are read', () => {
    const parity = (byte: number): number =>
      [...byte.toString(2)].filter((bit) => bit === '1').length & 1;
    const eight = Uint8Array.from(frame, (byte) => byte | (parity(byte) << 7));
    expect(decode(eight)).toEqual(decode(frame));
  });

  test('doubled line ends are none the worse', () => {
    expect(decode(withData(frame, '\r\n', '\r\r\n'))).toEqual(decode(frame));
  });

  test('a frame broken off is a fault, and the next one is read', () => {
    const half = Buffer.from(frame.subarray(0, frame.length >> 1));
    const cut = decode(Buffer.concat([half, frame]));
    expect(cut).toMatchObject([{ fault: 'truncated', offset: 0 }, { protocol: 'tic' }]);
    const broken = decode(Buffer.concat([half, Buffer.of(4), frame]));
    expect(broken).toMatchObject([{ fault: 'truncated' }, { checked: true }]);
  });

  test('a recording that ends within a frame says so', () => {
    const decoder = new TicDecoder(options);
    expect(decoder.push(frame.subarray(0, -1))).toEqual([]);
    expect(decoder.end()).toMatchObject([{ fault: 'truncated', offset: 0 }]);
    expect(decoder.end()).toEqual([]);
  });

  test('a frame without end is one fault', () => {
    const endless = Buffer.concat([frame.subarray(0, -1), Buffer.alloc(frameBytesMax, 'A')]);
    const codes = decode(Buffer.concat([endless, frame])).map((result) =>
      isFault(result) ? result.fault : 'telegram',
    );
    expect(codes).toEqual(['oversize', 'noise', 'telegram']);
  });
});

const sampled = conformanceSamples.filter(({ protocol }) => protocol === 'tic');

test.each(sampled.flatMap(({ frames }) => frames.map((frame) => [frame])))(
  'every pair of places between which bytes get lost leaves right values or none',
  (frame) => {
    const expected = new Set(telegramOf(frame).registers.map((one) => JSON.stringify(one)));
    const wrong: unknown[] = [];
    for (let from = 0; from < frame.length; from += 1) {
      for (let to = 0; to < frame.length; to += 1) {
        const bytes = Buffer.concat([frame.subarray(0, from), frame.subarray(to)]);
        for (const result of decode(bytes)) {
          if (isFault(result)) continue;
          wrong.push(...result.registers.filter((one) => !expected.has(JSON.stringify(one))));
        }
      }
    }
    expect(wrong).toEqual([]);
  },
);
