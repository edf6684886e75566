import { describe, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decode } from '../src/commands/decode.js';
import { readersOfClaims, type Claim, type Printed, type StatedFrame } from './corpus-claims.js';

/** Captures of real meters, which are no part of the project: absent, these tests are skipped. */
const root = resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus', 'telegrams');
const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;

/** Claims that are not met, and why. */
const deviations: readonly (readonly [about: RegExp, why: string])[] = [
  [/^\S+D0ModeOverwrite.txt 1-0:0.2.0/, 'that source splits the text of the register at "#"'],
  [/^\S+D0WithAck2.txt 1-0:1.6.0/, 'the time of the register is its "at"'],
  [/^\S+D0(?:DSMR|FastSend).txt .*(?:9\.20|6\.8)/, 'copied from another test of that source'],
  [/^ebz_dd3_big.txt (?:1-0:1.8.0|0-0:96.8.0)/, 'that source states another telegram of the meter'],
  [/(?:Water|Slave)Delivered!\.DateTime/, 'that source takes "S" in December for winter time'],
  [/energy_delivered_lux/, 'that source converts Wh; a register keeps the unit of the meter'],
  [/^28_\S+ gas_delivered at/, 'that source converts dm3; a register keeps the unit of the meter'],
  [/^(?:ELS_Elster-F96-Plus|abb_f95).bin [2-5]$/, 'digits beyond 9 are no number'],
  [/^landis\+gyr_ultraheat_t230.bin (?:19|2[0-2])$/, 'a VIFE says that this is a time'],
  [/^REL-Relay-Padpuls2.bin 1$/, 'the time is marked invalid, and given with that mark'],
  [/^manual_frame2.bin 1$/, 'the unit is that of the other counter, which the source leaves out'],
  [/^sen_pollutherm.bin 2$/, 'VIF 7B is reserved, and the source leaves out such records'],
];

/**
 * How many claims of each folder are compared: none may get lost unnoticed. Of Modbus there are few
 * replies that are whole; claims on other programs' objects, and those that the tests of the
 * decoders leave out with a reason, do not count.
 */
const claimsByFolder = {
  'd0-iec62056-21': 36,
  dlms: 551,
  'dsmr-p1': 873,
  'dsmr-p1-encrypted': 4,
  'linky-tic': 15,
  mbus: 1170,
  'modbus-rtu': 6,
  sml: 25,
};

const readers = await readersOfClaims();

interface Capture extends StatedFrame {
  readonly folder: string;
  readonly source: string;
  readonly path: string;
}

const captures: readonly Capture[] = existsSync(root)
  ? Object.keys(readers).flatMap((folder) =>
      readdirSync(join(root, folder)).flatMap((source) => {
        const place = join(root, folder, source);
        const { frames } = JSON.parse(readFileSync(join(place, 'expected.json'), 'utf8')) as {
          frames: StatedFrame[];
        };
        return frames
          .filter(({ file }) => /\.(?:txt|bin)$/.test(file))
          .map((frame) => ({ ...frame, folder, source, path: join(place, frame.file) }));
      }),
    )
  : [];

const argsOf = ({ key, authKey, path }: Capture, ...more: string[]): string[] => [
  ...more,
  ...(key ? ['--key', key] : []),
  ...(authKey ? ['--auth-key', authKey] : []),
  path,
];

/** What the command writes to its output, and how it ends. */
async function run(args: readonly string[]) {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(((
    part: string,
    done?: () => void,
  ) => {
    text += part;
    done?.();
    return true;
  }) as typeof process.stdout.write);
  try {
    return { status: await decode.run(args), text };
  } finally {
    write.mockRestore();
  }
}

const telegramsIn = (text: string): Printed[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Printed | { fault: string })
    .filter((line): line is Printed => !('fault' in line));

async function claimsOf(capture: Capture): Promise<readonly Claim[]> {
  const strict = await run(argsOf(capture));
  const { text } = strict.status === 0 ? strict : await run(argsOf(capture, '--lenient'));
  const printed = telegramsIn(text);
  if (printed.length === 0) return [];
  return readers[capture.folder]!(capture.source, capture, printed);
}

const isStated = ({ values, expected, expect: outcome, folder }: Capture): boolean =>
  folder === 'mbus' ? outcome === 'decode' : values !== undefined || expected !== undefined;

(captures.length > 0 ? describe : describe.skip)('what decode prints of real captures', () => {
  test('is what their sources state, value by value', async () => {
    const counts: Record<string, number> = {};
    const wrong: Claim[] = [];
    for (const capture of captures.filter(isStated)) {
      const claims = await claimsOf(capture);
      counts[capture.folder] = (counts[capture.folder] ?? 0) + claims.length;
      wrong.push(...claims.filter(({ agrees }) => !agrees));
    }
    const isExplained = ({ about }: Claim) => deviations.some(([pattern]) => pattern.test(about));
    expect(wrong.filter((one) => !isExplained(one))).toEqual([]);
    const idle = deviations.filter(([pattern]) => !wrong.some(({ about }) => pattern.test(about)));
    expect(idle).toEqual([]);
    expect(wrong).toHaveLength(23);
    expect(counts).toEqual(claimsByFolder);
  });

  const samples = Object.keys(readers).map((folder) =>
    captures.find((one) => one.folder === folder)!,
  );
  test.each(samples)('$folder/$source/$file: a process prints and ends alike', async (capture) => {
    const args = argsOf(capture);
    const { status, stdout } = spawnSync(process.execPath, [program, 'decode', ...args], {
      encoding: 'utf8',
    });
    expect({ status, text: stdout }).toEqual(await run(args));
  });
});
