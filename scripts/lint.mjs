/**
 * Lints through Nx, because the rule on module boundaries is skipped where there is no project
 * graph; then checks formatting and types of the tests.
 */
import { run } from './run.mjs';

const env = { ...process.env, NX_DAEMON: 'false' };
run('npx', ['nx', 'run-many', '-t', 'lint', '--output-style=static'], { env });
run('npx', ['prettier', '--check', '--log-level', 'warn', '.']);
run('npm', ['run', '--silent', 'typecheck']);
