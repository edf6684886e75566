#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  const root = new URL('../../..', import.meta.url).pathname;
  const build = spawnSync(process.execPath, ['node_modules/tsc7/bin/tsc', '-b'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
await import(main.href);
