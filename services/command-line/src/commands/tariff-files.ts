import {
  describeFileFaults,
  fileChoice,
  shippedChoice,
  type FoundTariff,
} from '@wattbus/service-config';
import type { ChosenTariff, GivenValues } from '@wattbus/tariffs';
import { existsSync } from 'node:fs';

/** What a person has to put right, as it is printed. */
export class UserFault extends Error {}

/** Exit code of a command: 1 where a person has to put something right, which is printed. */
export async function reportFaults(run: () => Promise<void>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    if (!(error instanceof UserFault)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** The tariff of a shipped name or of a file; throws a UserFault that says what is wrong where. */
export function findTariff(nameOrFile: string, given: GivenValues): ChosenTariff {
  const isFile = existsSync(nameOrFile);
  const found = isFile ? fileChoice(nameOrFile, given) : shippedChoice(nameOrFile, given);
  if (found.ok) return found.chosen;
  throw new UserFault(describeFound(found, nameOrFile));
}

export function describeFound(
  found: Extract<FoundTariff, { ok: false }>,
  nameOrFile: string,
): string {
  switch (found.fault) {
    case 'name':
      return `there is no file and no tariff "${nameOrFile}"; tariffs are: ${found.names.join(', ')}`;
    case 'input':
      return found.faults.map(({ message }) => `--set: ${message}`).join('\n');
    case 'file':
      return describeFileFaults(found.faults);
  }
}
