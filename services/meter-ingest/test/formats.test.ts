import { expect, test } from '@jest/globals';
import { keptFormat, testConfig } from '@wattbus/testing';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeptEvents } from '../src/kept-events.js';
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

const event = {
  v: 1,
  meter: 'main',
  at: '2026-07-01T12:00:00+02:00',
  kind: 'replaced',
  detail: 'the meter says it is E2; before it was E1',
} as const;

test('waiting events of version 1 are read; torn, damaged or newer there are none', async () => {
  const kept = await keptFormat(import.meta.url, 'events-1.json', (path) => {
    const { dataDir } = testConfig({});
    new KeptEvents(dataDir).write([event]);
    copyFileSync(join(dataDir, 'events', 'waiting.json'), path);
  });
  const { dataDir } = testConfig({});
  const file = join(dataDir, 'events', 'waiting.json');
  const events = new KeptEvents(dataDir);
  expect(events.read()).toEqual([]);
  mkdirSync(dirname(file));
  copyFileSync(kept, file);
  expect(events.read()).toEqual([event]);
  const whole = readFileSync(kept, 'utf8').trimEnd();
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(file, whole.slice(0, length));
    expect(events.read()).toEqual([]);
  }
  writeFileSync(file, whole.replace('"v":1', '"v":2'));
  expect(events.read()).toEqual([]);
  events.write([event]);
  expect(events.read()).toEqual([event]);
  events.write([]);
  expect(events.read()).toEqual([]);
});
