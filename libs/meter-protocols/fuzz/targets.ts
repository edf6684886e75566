import { Buffer } from 'node:buffer';
import type { Telegram } from '@wattbus/energy-model';
import { encodeReadOut, protocolNamed, type DecoderOptions } from '../src/index.js';
import type { MeterDecoder } from '../src/meter-protocol.js';
import { conformanceSamples, type ConformanceSamples } from '../test/conformance-samples.js';

/** A decoder with its options, and a good frame that it has to find after any input. */
export interface FuzzTarget {
  readonly protocol: string;
  readonly decoder: () => MeterDecoder;
  readonly frames: readonly Uint8Array[];
  readonly expected: Telegram;
}

const sampleOf = (protocol: string): ConformanceSamples =>
  conformanceSamples.find((sample) => sample.protocol === protocol)!;
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const checkedReadOut = {
  identification: 'ISk5MT174-0001',
  lines: [{ address: '1.8.0', values: ['000012.500*kWh'] }],
  blockCheck: true,
};

/** Paths of decoders that the frames of the conformance suite do not enter. */
const furtherSamples: readonly ConformanceSamples[] = [
  {
    ...sampleOf('iec62056-21'),
    frames: [encodeReadOut(checkedReadOut), encodeReadOut({ ...checkedReadOut, parityBit: true })],
  },
  {
    protocol: 'pulse',
    options: { standardOffsetMinutes: 60, pulse: { input: 'byte' } },
    checked: false,
    frames: [Uint8Array.of(0xff)],
  },
  {
    protocol: 'json',
    options: { standardOffsetMinutes: 60, fields: { 'a.b': 'powerW', 'c.0': 'energyImportWh' } },
    checked: false,
    frames: [latin1('{"a":{"b":512},"c":[123456]}\n')],
  },
];

/** Every set of options of a protocol, and each of them once more taking wrong checksums. */
export function targetsOf(protocol: string): readonly FuzzTarget[] {
  const samples = [...conformanceSamples, ...furtherSamples].filter(
    (sample) => sample.protocol === protocol,
  );
  return samples.flatMap(({ options, frames }) => [
    target(protocol, options, frames),
    target(protocol, { ...options, lenient: true }, frames),
  ]);
}

function target(
  protocol: string,
  options: DecoderOptions,
  frames: readonly Uint8Array[],
): FuzzTarget {
  const decoder = (): MeterDecoder => protocolNamed(protocol)!.decoder(options);
  const [expected] = decoder().push(frames[0]!);
  if (!expected || 'fault' in expected) throw new Error(`the first frame of ${protocol} is none`);
  // A `Buffer` slices without copying, so that changing one input would change another.
  return { protocol, decoder, frames: frames.map((frame) => Uint8Array.from(frame)), expected };
}
