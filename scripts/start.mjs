/** `npm start`: installs and builds what is missing, then runs all services in one process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { root } from './run.mjs';

prepare();

/** All services share one heap that is kept small: 40 MB less, and one home has little traffic. */
const memory = ['--max-semi-space-size=1', '--optimize-for-size'];
const main = join(root, 'services/standalone/dist/main.js');
const child = spawn(process.execPath, [...memory, main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { MALLOC_ARENA_MAX: '1', ...process.env },
});
// Ctrl-C reaches the child through the terminal; a signal to this process alone is passed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
