import { readFileSync } from 'node:fs';

/**
 * A secret given as such or in a file (as container secrets are); undefined where neither is. Throws
 * where the file cannot be read or holds nothing: an empty password is one that anybody can say.
 */
export function secretOf(given: {
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}): string | undefined {
  const { password, passwordFile } = given;
  if (passwordFile === undefined) return password;
  let text: string;
  try {
    text = readFileSync(passwordFile, 'utf8').trimEnd();
  } catch (error) {
    throw new Error(`passwordFile ${passwordFile} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (text === '') throw new Error(`passwordFile ${passwordFile} is empty: put the password in it`);
  return text;
}
