import { readFileSync } from 'node:fs';

/** A secret given as such or in a file (as container secrets are); undefined where neither is. */
export function secretOf(given: {
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}): string | undefined {
  if (given.passwordFile === undefined) return given.password;
  return readFileSync(given.passwordFile, 'utf8').trimEnd();
}
