import { afterAll, describe, expect, test } from '@jest/globals';
import { seededRandom } from '@wattbus/energy-model';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  killPointOf,
  parseKillPoint,
  writeKillPoint,
  type KillPoint,
} from './src/chaos/kill-places.js';

const killPoint = new URL('./dist/chaos/kill-point.js', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'wattbus-kill-point-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a module with a kill point; gives the signal that ended it. */
async function run(source: string, point: KillPoint): Promise<NodeJS.Signals | null> {
  const module = join(folder, 'victim.mjs');
  writeFileSync(module, source);
  const env = { ...process.env, CHAOS_KILL_POINT: writeKillPoint(point) };
  const child = spawn(process.execPath, ['--import', killPoint, module], { env, stdio: 'inherit' });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

/** As the journal writes: callbacks on a file descriptor. */
const writesAndSyncs = (file: string): string => `
  import { fdatasync, openSync, write } from 'node:fs';
  import { promisify } from 'node:util';
  const fd = openSync(${JSON.stringify(file)}, 'w');
  for (const text of ['one.', 'two.', 'three.', 'four.']) {
    await promisify(write)(fd, Buffer.from(text), 0, text.length, null);
    await promisify(fdatasync)(fd);
  }`;

/** As the broker writes its retained messages: promises, and a new file in the place of the old. */
const appendsAndRenames = (file: string): string => `
  import { open, rename } from 'node:fs/promises';
  for (const text of ['one.', 'two.', 'three.', 'four.']) {
    const handle = await open(${JSON.stringify(`${file}.new`)}, 'w');
    await handle.appendFile(Buffer.from(text));
    await handle.datasync();
    await handle.close();
    await rename(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)});
  }`;

describe('a process ends at its kill point', () => {
  test.each([
    [{ place: 'write', nth: 2, phase: 'before' }, 'one.'],
    [{ place: 'write', nth: 2, phase: 'torn' }, 'one.tw'],
    [{ place: 'write', nth: 2, phase: 'after' }, 'one.two.'],
    [{ place: 'sync', nth: 3, phase: 'before' }, 'one.two.three.'],
    [{ place: 'sync', nth: 3, phase: 'after' }, 'one.two.three.'],
  ] as const)('in writing a file: %j', async (point, left) => {
    const file = join(folder, 'written');
    expect(await run(writesAndSyncs(file), point)).toBe('SIGKILL');
    expect(readFileSync(file, 'utf8')).toBe(left);
  });

  test.each([
    [{ place: 'write', nth: 3, phase: 'torn' }, 'two.', 'thr'],
    [{ place: 'sync', nth: 3, phase: 'after' }, 'two.', 'three.'],
    [{ place: 'rename', nth: 3, phase: 'before' }, 'two.', 'three.'],
    [{ place: 'rename', nth: 3, phase: 'after' }, 'three.', null],
  ] as const)('in replacing a file: %j', async (point, left, leftNew) => {
    const file = join(folder, 'replaced');
    expect(await run(appendsAndRenames(file), point)).toBe('SIGKILL');
    expect(readFileSync(file, 'utf8')).toBe(left);
    if (leftNew !== null) expect(readFileSync(`${file}.new`, 'utf8')).toBe(leftNew);
  });

  test.each([
    ['before', 'one.'],
    ['torn', 'one.tw'],
    ['after', 'one.two.'],
  ] as const)('in sending a message, %s the bytes are out', async (phase, wanted) => {
    let heard = '';
    const server = createServer((socket) => {
      socket.on('data', (bytes) => (heard += bytes.toString('utf8')));
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ended = new Promise((resolve) =>
      server.on('connection', (socket) => socket.on('close', resolve)),
    );
    const source = `
      import { connect } from 'node:net';
      const socket = connect(${(server.address() as AddressInfo).port}, '127.0.0.1');
      socket.on('connect', () => {
        for (const text of ['one.', 'two.', 'three.']) socket.write(Buffer.from(text));
      });`;
    expect(await run(source, { place: 'send', nth: 2, phase })).toBe('SIGKILL');
    await ended;
    server.close();
    expect(heard).toBe(wanted);
  });

  test('and lives to its own end where it never comes there', async () => {
    const file = join(folder, 'lived');
    const point: KillPoint = { place: 'write', nth: 5, phase: 'before' };
    expect(await run(writesAndSyncs(file), point)).toBeNull();
    expect(readFileSync(file, 'utf8')).toBe('one.two.three.four.');
  });
});

test('the same seed gives the same kill points, which can be said in words', () => {
  const points = (seed: number): KillPoint[] => {
    const chance = seededRandom(seed);
    return Array.from({ length: 50 }, () => killPointOf('meter-ingest', chance));
  };
  expect(points(1)).toEqual(points(1));
  expect(points(1)).not.toEqual(points(2));
  for (const point of points(3)) expect(parseKillPoint(writeKillPoint(point))).toEqual(point);
  expect(parseKillPoint('')).toBeNull();
  expect(parseKillPoint('write 0 before')).toBeNull();
});
