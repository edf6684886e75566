/** `npm run bench [NAME]`: runs every benchmark (or those whose path holds NAME), one after another. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { root, run } from './run.mjs';

prepare();
const [wanted = ''] = process.argv.slice(2);
for (const file of benchmarks().filter((one) => one.includes(wanted))) {
  console.log(`\n# ${file}`);
  run(process.execPath, [file]);
}

function benchmarks() {
  return readdirSync(join(root, 'benchmarks'), { recursive: true })
    .filter((name) => name.endsWith('.bench.mjs') && !name.includes('node_modules'))
    .map((name) => `benchmarks/${name}`)
    .sort();
}
