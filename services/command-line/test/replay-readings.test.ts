import { afterEach, describe, expect, test } from '@jest/globals';
import { meterIngest } from '@wattbus/meter-ingest';
import {
  encodeAustrianPush,
  encodeCiphered,
  encodeDsmr,
  encodeJsonLine,
  encodeMbusPush,
  encodeSml,
} from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import { startService } from '@wattbus/nest-mqtt';
import { joinBus, startTestBroker, testConfig, until } from '@wattbus/testing';
import fc from 'fast-check';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture, writeCapture, type Capture } from '../src/capture/capture-format.js';

const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Programs start slowly on a busy machine. */
const patienceMs = 180_000;
const keyHex = '31'.repeat(16);
const authKeyHex = '77'.repeat(16);
const keys = {
  key: Buffer.from(keyHex, 'hex'),
  authenticationKey: Buffer.from(authKeyHex, 'hex'),
};
const at = (n: number): string =>
  `2026-07-01T12:0${Math.floor(n / 60)}:${String(n % 60).padStart(2, '0')}+02:00`;

interface Sample {
  readonly powerW: number;
  readonly energyWh: number;
}

interface Kind {
  readonly serial: string;
  readonly meter: Record<string, unknown>;
  readonly redactArgs: readonly string[];
  readonly frame: (sample: Sample, n: number) => Uint8Array;
}

const serial = '43007123';
const kinds: Readonly<Record<string, Kind>> = {
  dsmr: {
    serial: Buffer.from(serial).toString('hex'),
    meter: { protocol: 'dsmr' },
    redactArgs: [],
    frame: ({ powerW, energyWh }, n) =>
      encodeDsmr({
        variant: '5.0',
        identification: 'WBS5\\2HOUSE-3',
        meterId: `E00${serial}9999`,
        at: at(n),
        standardOffsetMinutes: 60,
        measured: { energyImportTariff1Wh: energyWh, powerW },
        channels: [],
      }),
  },
  sml: {
    serial: Buffer.from(Uint8Array.of(2, 144, 65, 147)).toString('hex'),
    meter: { protocol: 'sml' },
    redactArgs: [],
    frame: ({ powerW, energyWh }) =>
      encodeSml({
        serverId: `1EMH00${serial}`,
        entries: [
          { obis: '1-0:1.8.0', value: energyWh, unit: 'Wh' },
          { obis: '1-0:16.7.0', value: powerW, unit: 'W' },
        ],
      }),
  },
  'ciphered dlms': {
    serial: `10${serial}`,
    meter: { protocol: 'dlms', key: keyHex, authenticationKey: authKeyHex },
    redactArgs: ['--key', keyHex, '--auth-key', authKeyHex],
    frame: ({ powerW, energyWh }, n) =>
      encodeMbusPush(
        encodeCiphered(
          encodeAustrianPush(
            at(n),
            [
              { obis: '1-0:1.8.0', value: energyWh, unit: 'Wh' },
              { obis: '1-0:1.7.0', value: powerW, unit: 'W' },
            ],
            `1KFM${serial}`,
          ),
          {
            ...keys,
            systemTitle: Buffer.from(`4b464d10${serial}`, 'hex'),
            invocationCounter: 7 + n,
            securityControl: 0x30,
          },
        ),
        90,
      ),
  },
};

const pattern = String.raw`^SN=\d+ P=(?<powerW>-?\d+) E=(?<energyImportWh>\d+)$`;
const lineKinds: Readonly<Record<string, Kind>> = {
  'text-line': {
    serial: Buffer.from(serial).toString('hex'),
    meter: { protocol: 'text-line', pattern },
    redactArgs: ['--pattern', pattern],
    frame: ({ powerW, energyWh }) =>
      Buffer.from(`SN=${serial} P=${powerW} E=${energyWh}\r\n`, 'latin1'),
  },
  json: {
    serial: Buffer.from(serial).toString('hex'),
    meter: { protocol: 'json' },
    redactArgs: [],
    frame: ({ powerW, energyWh }) =>
      encodeJsonLine({ powerW, energyImportWh: energyWh }, { id: `00${serial}` }),
  },
};

/** Plays a capture to whoever connects, and says where. */
async function playing(file: string): Promise<string> {
  const player = spawn(process.execPath, [
    program,
    ...['replay', file, '--to', 'tcp://127.0.0.1:0', '--speed', '20'],
  ]);
  ends.push(() => player.kill());
  let said = '';
  player.stderr.on('data', (text: Buffer) => (said += text.toString()));
  return until('the address', () => /playing at (\S+)\n/.exec(said)?.[1], patienceMs);
}

/** What ingest makes of captures that are played to it: the readings of each. */
async function readingsOf(
  files: Readonly<Record<string, string>>,
  meter: Kind['meter'],
  count: number,
): Promise<Readonly<Record<string, unknown[]>>> {
  const names = Object.keys(files);
  const ports = await Promise.all(Object.values(files).map(playing));
  const broker = await startTestBroker();
  ends.push(() => broker.stop());
  const person = await joinBus(broker.url);
  ends.push(() => person.leave());
  const heard = await Promise.all(
    names.map((name) => person.hear(topics.meterReading, { meter: name })),
  );
  const config = testConfig({
    mqtt: { url: broker.url },
    site: { zone: 'Europe/Amsterdam' },
    meters: names.map((name, index) => ({ name, port: ports[index], ...meter })),
    logLevel: 'fatal',
  });
  const service = await startService(meterIngest, config);
  ends.push(() => service.stop());
  await until(
    'all readings',
    () => heard.every((readings) => readings.length >= count),
    patienceMs,
  );
  return Object.fromEntries(
    names.map((name, index) => [name, heard[index]!.map((reading) => contentOf(reading))]),
  );
}

/** Who said it, and when it came, differ from run to run. */
function contentOf(reading: Readonly<Record<string, unknown>>): unknown {
  const isOwnTime = reading['atSource'] === 'meter';
  const differs = ['epoch', 'meter', 'meterId', 'receivedAt'];
  if (!isOwnTime) differs.push('at', 'atSource');
  return Object.fromEntries(Object.entries(reading).filter(([name]) => !differs.includes(name)));
}

function redacted(file: string, args: readonly string[]): string {
  const run = spawnSync(process.execPath, [program, 'redact', ...args, file], { encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  return run.stdout;
}

/** Pieces as a port gives them, 1 s from telegram to telegram. */
function captureOf(kind: Kind, samples: readonly Sample[], pieces: number): Capture {
  const chunks = samples.flatMap((sample, n) => {
    const bytes = kind.frame(sample, n);
    const size = Math.ceil(bytes.length / pieces);
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) => ({
      atMs: 1_000 * n + 16 * piece,
      bytes: bytes.subarray(piece * size, (piece + 1) * size),
    }));
  });
  return { header: { port: '/dev/ttyUSB0', baud: '9600 8N1' }, chunks };
}

describe('a capture that was redacted gives ingest the same readings', () => {
  test.each(Object.entries({ ...kinds, ...lineKinds }))(
    '%s',
    async (_, kind) => {
      const folder = mkdtempSync(join(tmpdir(), 'wattbus-replay-'));
      ends.push(() => rmSync(folder, { recursive: true }));
      const sample = fc.record({
        powerW: fc.integer({ min: 0, max: 9_000 }),
        energyWh: fc.integer({ min: 1_000_000, max: 1_000_500 }),
      });
      const series = fc
        .array(sample, { minLength: 2, maxLength: 6 })
        .map((all) => all.sort((left, right) => left.energyWh - right.energyWh));
      await fc.assert(
        fc.asyncProperty(series, fc.integer({ min: 1, max: 5 }), async (samples, pieces) => {
          const [before, after] = ['before.txt', 'after.txt'].map((name) => join(folder, name));
          writeFileSync(before!, writeCapture(captureOf(kind, samples, pieces)));
          const text = redacted(before!, kind.redactArgs);
          writeFileSync(after!, text);
          expect(hexOf(text)).not.toContain(kind.serial);
          const files = { plain: before!, redacted: after! };
          const readings = await readingsOf(files, kind.meter, samples.length);
          expect(readings['plain']).toHaveLength(samples.length);
          expect(readings['redacted']).toEqual(readings['plain']);
          for (const end of ends.splice(1).reverse()) await end();
        }),
        { numRuns: 1, endOnFailure: true },
      );
    },
    4 * patienceMs,
  );
});

function hexOf(text: string): string {
  const capture = readCapture(text);
  if ('refused' in capture) throw new Error(capture.refused);
  return capture.chunks.map(({ bytes }) => Buffer.from(bytes).toString('hex')).join('');
}
