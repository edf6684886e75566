/** What every entry point needs first: a good enough Node, the packages, the built code. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const NODE_MIN = [20, 19];

export function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    console.error(
      `Wattbus needs Node ${NODE_MIN.join('.')} or later; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }
  if (!installed()) {
    console.log('Installing packages (once) …');
    // No package here needs an install script: binaries come inside the packages.
    run('npm', ['ci', '--ignore-scripts', '--loglevel=error']);
  }
  run(process.execPath, ['node_modules/tsc7/bin/tsc', '-b']);
}

/** npm writes the inner lock file last, so an older one means another set of packages. */
function installed() {
  const [wanted, inner] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) =>
    join(root, name),
  );
  return existsSync(inner) && statSync(inner).mtimeMs >= statSync(wanted).mtimeMs;
}
