/**
 * Writes the register maps of config/modbus as TypeScript, so that the decoders, which do no I/O,
 * have them built in. With `--check` it only names files that are stale.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { parse } from 'yaml';

const check = process.argv.includes('--check');
const library = fileURLToPath(new URL('..', import.meta.url));
const folder = join(library, '../../config/modbus');
const target = join(library, 'src/modbus/maps');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => basename(file, '.yaml'))
  .sort();

const constant = (name) => name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
const generated = (name) => `// Made from config/modbus/${name} by scripts/register-maps.mjs.\n`;

const sources = new Map(
  names.map((name) => {
    const content = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8'));
    const text = `export const ${constant(name)} = ${JSON.stringify(content)} as const;`;
    return [`${name}.ts`, `${generated(`${name}.yaml`)}\n${text}\n`];
  }),
);
sources.set(
  'all-maps.ts',
  generated('*.yaml') +
    names.map((name) => `import { ${constant(name)} } from './${name}.js';\n`).join('') +
    `\nexport const allMaps = [${names.map(constant).join(', ')}] as const;\n`,
);

const stale = [];
mkdirSync(target, { recursive: true });
for (const [file, source] of sources) {
  const path = join(target, file);
  const options = { ...(await prettier.resolveConfig(path)), parser: 'typescript' };
  const text = await prettier.format(source, options);
  if (read(path) === text) continue;
  stale.push(file);
  if (!check) writeFileSync(path, text);
}
for (const file of readdirSync(target).filter((name) => !sources.has(name))) {
  stale.push(file);
  if (!check) rmSync(join(target, file));
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
