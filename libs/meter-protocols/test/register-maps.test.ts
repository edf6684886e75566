import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseRegisterMap } from '../src/modbus/register-map.js';
import { registerMaps } from '../src/modbus/register-maps.js';

const folder = fileURLToPath(new URL('../../../config/modbus/', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => basename(file, '.yaml'));

test('every file is built in, and nothing else is', () => {
  expect(registerMaps.map(({ name }) => name)).toEqual(names.sort());
});

test.each(names)('%s is built in as its file says', (name) => {
  const content: unknown = parse(readFileSync(`${folder}${name}.yaml`, 'utf8'));
  expect(registerMaps.find((map) => map.name === name)).toEqual(parseRegisterMap(content));
});
