import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A copy of a file or folder that an earlier version of ours wrote, kept in `test/formats` for good:
 * who changes a format keeps reading these. With UPDATE_EXPECTED=1 one that is not there is made;
 * one that is there is never made anew, as it would no longer be what the old version wrote.
 */
export async function keptFormat(
  test: string,
  name: string,
  make: (path: string) => Promise<void> | void,
): Promise<string> {
  const kept = join(dirname(fileURLToPath(test)), 'formats', name);
  if (!existsSync(kept)) {
    if (process.env['UPDATE_EXPECTED'] !== '1') {
      throw new Error(`no ${name} in test/formats: set UPDATE_EXPECTED=1 to have it made`);
    }
    mkdirSync(dirname(kept), { recursive: true });
    await make(kept);
  }
  const copy = join(mkdtempSync(join(tmpdir(), 'wattbus-format-')), basename(name));
  cpSync(kept, copy, { recursive: true });
  return copy;
}
