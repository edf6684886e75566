import { describe, expect, test } from '@jest/globals';
import { at, detect, expectFound, framesOf, options } from '../../test/detection-trials.js';
import { conformanceSamples } from '../../test/conformance-samples.js';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { detectMsMax } from './detector.js';
import { chanceOf, pushing, type BenchMeter, type Pushing } from './serial-bench.js';

const [p1, p1OfTwo] = framesOf('dsmr') as [readonly Uint8Array[], readonly Uint8Array[]];
const [hdlc, , austrian] = framesOf('dlms')[0]!;
const readOut = encodeReadOut({
  identification: 'EMH5eHZ-IW8E2A',
  lines: ['1.8.0*255', '2.8.0*255', '21.7.255*255'].map((code) =>
    registerLine(`1-0:${code}`, 123.4, code.startsWith('1') ? 'kWh' : 'W'),
  ),
});
const ofText = conformanceSamples.find(({ protocol }) => protocol === 'text-line')!;

interface Kind {
  readonly protocol: string;
  readonly settings: SerialSettings;
  readonly frames: readonly Uint8Array[];
  readonly options?: DecoderOptions;
}

const kinds: Readonly<Record<string, Kind>> = {
  'DSMR at 115200 8N1': { protocol: 'dsmr', settings: at(115_200), frames: p1 },
  'DSMR 2.2 at 9600 7E1': { protocol: 'dsmr', settings: at(9_600, '7E1'), frames: p1OfTwo },
  'SML at 9600 8N1': {
    protocol: 'sml',
    settings: at(9_600),
    frames: framesOf('sml')[0]!.slice(0, 1),
  },
  'DLMS over HDLC at 2400 8E1': {
    protocol: 'dlms',
    settings: at(2_400, '8E1'),
    frames: [hdlc!],
  },
  'DLMS over HDLC at 2400 8N1': { protocol: 'dlms', settings: at(2_400), frames: [hdlc!] },
  'ciphered DLMS without its key': {
    protocol: 'dlms',
    settings: at(2_400, '8E1'),
    frames: [austrian!],
  },
  'IEC 62056-21 at 9600 7E1': {
    protocol: 'iec62056-21',
    settings: at(9_600, '7E1'),
    frames: [readOut],
  },
  'lines of text at 9600 8N1': {
    protocol: 'text-line',
    settings: at(9_600),
    frames: [...ofText.frames],
    options: ofText.options,
  },
};

const meterOf =
  (kind: Omit<Pushing, 'intervalMs'>, intervalMs: number) =>
  (seed: number): BenchMeter => ({
    pushes: pushing({ ...kind, intervalMs }, chanceOf(seed * 6_007)),
  });

const pauses = [
  { everyS: 30, msMax: 600_000 },
  { everyS: 60, msMax: 1_200_000 },
];

describe.each(pauses)('finds who speaks every $everyS s, given time', ({ everyS, msMax }) => {
  test.each(Object.entries(kinds))('%s', (name, kind) => {
    const { protocol, settings, options: given } = kind;
    expectFound(`${name} every ${everyS} s`, {
      protocol,
      settings,
      meterOf: meterOf(kind, everyS * 1_000),
      msMax,
      ...(given ? { options: given } : {}),
    });
  });
});

test('says within the minute that somebody speaks, and how often, where it is undecided', () => {
  const kind = { settings: at(31_250), frames: p1 };
  for (let seed = 1; seed <= 10; seed += 1) {
    const { outcome, heard, ms } = detect(meterOf(kind, 20_000)(seed));
    expect(outcome).toBe('nothing');
    expect(heard).toMatchObject({ everyS: 20 });
    expect(heard!.bursts).toBeGreaterThan(1);
    expect(ms).toBeLessThanOrEqual(detectMsMax);
  }
  expect(detect({}, options).heard).toBeNull();
});
