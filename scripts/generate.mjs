/**
 * Writes every file that is made from a table in the code. With `--check` it writes nothing and
 * fails, naming the files, where a committed one is stale.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { root, run } from './run.mjs';

const check = process.argv.includes('--check');
for (const project of [
  'libs/mqtt-contract',
  'libs/meter-protocols',
  'libs/service-config',
  'libs/tariffs',
  'grafana',
]) {
  run(process.execPath, ['node_modules/tsc7/bin/tsc', '-b', project]);
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { topicsMarkdown, asyncApi } = await import('@wattbus/mqtt-contract');
const { metersMarkdown } = await import('@wattbus/meter-protocols');
const { boards } = await import('@wattbus/grafana');
const { configJsonSchema, configurationMarkdown } = await import('@wattbus/service-config');

const { readTariffFile, tariffJsonSchema, tariffsMarkdown } = await import('@wattbus/tariffs');

const tariffs = readdirSync(join(root, 'config/tariffs'))
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => parse(read(join(root, 'config/tariffs', name)), { merge: true }))
  .map((parsed) => readTariffFile(parsed).file);

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const files = {
  'docs/topics.md': topicsMarkdown(),
  'docs/asyncapi.json': json(asyncApi(version)),
  'docs/meters.md': metersMarkdown(),
  'docs/configuration.md': configurationMarkdown(),
  'docs/tariffs.md': tariffsMarkdown(tariffs),
  'config/tariff.schema.json': json(tariffJsonSchema()),
  'config/wattbus.schema.json': json(configJsonSchema()),
  ...Object.fromEntries(
    Object.entries(boards).map(([name, board]) => [
      `grafana/dashboards/${name}.json`,
      json(board()),
    ]),
  ),
};

const stale = [];
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (read(path) === text) continue;
  stale.push(name);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (stale.length > 0) console.log(`${check ? 'stale' : 'written'}: ${stale.join(', ')}`);
process.exit(check && stale.length > 0 ? 1 : 0);

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
