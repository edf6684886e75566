/**
 * Runs the script that `CHAOS_BUNDLE` names. What V8 made of it is kept beside it on SIGUSR2 and used
 * from then on: a start compiles nothing that an earlier life has needed.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { dirname } from 'node:path';
import { Script, constants } from 'node:vm';

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

const file = process.env['CHAOS_BUNDLE']!;
const cacheFile = `${file}.cache`;
const cachedData = read(cacheFile);
const script = new Script(wrap(readFileSync(file, 'utf8')), {
  filename: file,
  ...(cachedData && { cachedData }),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (cachedData === undefined || script.cachedDataRejected) process.on('SIGUSR2', keepCode);
const module_ = { exports: {} };
(script.runInThisContext() as Wrapped)(
  module_.exports,
  createRequire(file),
  module_,
  file,
  dirname(file),
);

/** Whole or not at all, whoever else does the same. */
function keepCode(): void {
  const unfinished = `${cacheFile}.${process.pid}`;
  writeFileSync(unfinished, script.createCachedData());
  renameSync(unfinished, cacheFile);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
