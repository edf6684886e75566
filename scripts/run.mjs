import { spawnSync } from 'node:child_process';

/** Runs a command in the project's root with its output shown; ends this process if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: root, ...options });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

export const root = new URL('..', import.meta.url).pathname;
