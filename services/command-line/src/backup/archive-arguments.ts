import { describeFaults, loadConfig, type LoadedConfig } from '@wattbus/service-config';
import { parseArgs } from 'node:util';

/** What `backup` and `restore` are told. */
export interface ArchiveArguments {
  readonly archive: string;
  /** As named; elsewhere the usual place is meant. */
  readonly configFile: string | undefined;
  readonly dataDir: string | undefined;
}

/** Throws where not exactly one file is named; `purpose` says what for. */
export function readArchiveArguments(args: readonly string[], purpose: string): ArchiveArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  });
  const [archive, ...more] = positionals;
  if (archive === undefined || more.length > 0) throw new Error(`name one file to ${purpose}`);
  return { archive, configFile: values.config, dataDir: values['data-dir'] };
}

/** The configuration of a file with the data directory that was named; null once its faults are said. */
export function configFor(
  file: string | undefined,
  dataDir: string | undefined,
): Extract<LoadedConfig, { ok: true }> | null {
  const loaded = loadConfig({
    ...(file === undefined ? {} : { file }),
    ...(dataDir === undefined ? {} : { overrides: { dataDir } }),
  });
  if (loaded.ok) return loaded;
  console.error(describeFaults(loaded.faults));
  return null;
}
