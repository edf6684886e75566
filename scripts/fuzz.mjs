/**
 * `npm run fuzz -- [PROTOCOL] [--seconds N] [--seed N]`: fuzzes one decoder or all of them, one
 * after another; see libs/meter-protocols/fuzz/README.md.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';
import { root, run } from './run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
});
const folder = join(root, 'libs/meter-protocols/fuzz');

prepare();
run(process.execPath, ['node_modules/tsc7/bin/tsc', '-p', join(folder, 'tsconfig.json')]);
const program = join(root, 'libs/meter-protocols/dist/fuzzed/fuzz/run.js');
const { protocols } = await import(join(root, 'libs/meter-protocols/dist/index.js'));
const names = protocols.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no such protocol: ${unknown.join(', ')}; there are ${names.join(' ')}`);
  process.exit(2);
}
let failed = false;
console.log(
  '| decoder | seconds | inputs | blocks before | blocks | seeds | ms/kB | KiB | found |',
);
for (const name of positionals.length > 0 ? positionals : names) {
  const args = [program, name, values.seconds, values.seed, folder];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
