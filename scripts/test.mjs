/**
 * `npm test`: installs and builds what is missing, runs unit, service and end-to-end tests, and
 * ends with one plain line of counts. Arguments go to Jest: `npm test -- libs/journal`.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { root } from './run.mjs';
import { installForTests } from './test-tools.mjs';

prepare();
installForTests();

const folder = mkdtempSync(join(tmpdir(), 'wattbus-tests-'));
const report = join(folder, 'report.json');
// What tests leave behind goes with it. Brokers among them run as other users.
const scratch = join(folder, 'tmp');
mkdirSync(scratch);
for (const one of [folder, scratch]) chmodSync(one, 0o1777);
const given = process.argv.slice(2);
/** Tests on real captures and on containers have commands of their own; CI runs all. */
const apart = given.length > 0 ? [] : ['--testPathIgnorePatterns', '/corpus', '/compose/'];
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${report}`,
    '--forceExit',
    // Much of the time is spent waiting for other processes, so every core gets a worker.
    '--maxWorkers=100%',
    ...given,
    ...(apart.length > 0 ? [...apart, '/node_modules/', '/dist/'] : []),
  ],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      TESTCONTAINERS_RYUK_DISABLED: 'true',
      NX_DAEMON: 'false',
      TMPDIR: scratch,
    },
  },
);

const counts = read(report);
rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
if (counts === null) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
// A file that does not even load has no tests of its own; it counts as one that failed.
const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
const skipped = counts.numPendingTests + counts.numTodoTests;
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 ? 1 : (status ?? 1));

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
