import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { Name } from '@wattbus/energy-model';
import { accountRoles } from '@wattbus/mqtt-contract';
import { isPasswordHash } from './password.js';
import type { Account } from './sign-in.js';

const VERSION = 1;

/** The file of accounts, YAML or JSON: user name → role and password hash. */
export const UsersFile = z.object({
  version: z.literal(VERSION),
  users: z.record(
    z.string().min(1).max(64),
    z.object({
      role: z.enum(accountRoles),
      hash: z
        .string()
        .refine(isPasswordHash, 'must be a hash such as $scrypt$ln=14,r=8,p=1$salt$key'),
      /** Of the role `device`: the ones for which it speaks; without it, for all. */
      devices: z.array(Name).min(1).optional(),
    }),
  ),
});
export type UsersFile = z.infer<typeof UsersFile>;

/** Reads the accounts; throws with everything that is wrong, because nobody could sign in. */
export async function readUsers(
  path: string,
): Promise<ReadonlyMap<string, Account & UsersFile['users'][string]>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`broker.usersFile ${path} cannot be read: ${(error as Error).message}`);
  });
  const content = parseText(path, text);
  const newer = z.object({ version: z.int().gt(VERSION) }).safeParse(content);
  if (newer.success) {
    const versions = `version ${newer.data.version}, this one knows ${VERSION}`;
    throw new Error(
      `broker.usersFile ${path} is of a newer Wattbus (${versions}): update this one, ` +
        'or have accounts made anew by npx wattbus secrets',
    );
  }
  const parsed = UsersFile.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`);
    throw new Error(`broker.usersFile ${path}: ${faults.join('; ')}`);
  }
  return new Map(Object.entries(parsed.data.users));
}

function parseText(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`broker.usersFile ${path} is no YAML: ${(error as Error).message}`);
  }
}
