import { expect, test } from '@jest/globals';
import { keptFormat, testConfig } from '@wattbus/testing';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KnownLines } from '../src/known-lines.js';

const port = '/dev/serial/by-id/cable';
const known = {
  protocol: 'dsmr',
  settings: { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
} as const;

test('a line of version 1 is known; torn, damaged or newer it is found out again', async () => {
  const kept = await keptFormat(import.meta.url, 'line-1.json', (path) => {
    const { dataDir } = testConfig({});
    new KnownLines(dataDir).write('main', port, known);
    copyFileSync(join(dataDir, 'lines', 'main.json'), path);
  });
  const { dataDir } = testConfig({});
  const file = join(dataDir, 'lines', 'main.json');
  mkdirSync(dirname(file));
  copyFileSync(kept, file);
  const lines = new KnownLines(dataDir);
  expect(lines.read('main', port)).toEqual(known);
  expect(lines.read('main', '/dev/serial/by-id/other')).toBeNull();
  const whole = readFileSync(kept, 'utf8').trimEnd();
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(file, whole.slice(0, length));
    expect(lines.read('main', port)).toBeNull();
  }
  writeFileSync(file, whole.replace('"v":1', '"v":2'));
  expect(lines.read('main', port)).toBeNull();
  lines.write('main', port, known);
  expect(lines.read('main', port)).toEqual(known);
});
