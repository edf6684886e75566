import {
  chooseTariff,
  namesOf,
  readTariffFile,
  type ChosenTariff,
  type GivenValues,
  type TariffFile,
  type TariffFault,
} from '@wattbus/tariffs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlias, isCollection, isNode, LineCounter, parseDocument, type Document } from 'yaml';

/** Where the shipped tariffs lie. */
const folder = fileURLToPath(new URL('../../../../config/tariffs/', import.meta.url));

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

/** Every shipped tariff's name, with its file. */
export function shippedTariffs(): ReadonlyMap<string, TariffFile> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return new Map(
    files
      .map((name) => loadTariffFile(join(folder, name)))
      .flatMap((file) => namesOf(file).map((name): [string, TariffFile] => [name, file])),
  );
}

/** The tariff of a shipped name or of a file; throws a UserFault that says what is wrong where. */
export function findTariff(nameOrFile: string, given: GivenValues): ChosenTariff {
  const isFile = existsSync(nameOrFile);
  const shipped = isFile ? null : shippedTariffs();
  const file = shipped ? shipped.get(nameOrFile) : loadTariffFile(nameOrFile);
  if (!file) {
    const names = [...(shipped?.keys() ?? [])].join(', ');
    throw new UserFault(`there is no file and no tariff "${nameOrFile}"; tariffs are: ${names}`);
  }
  const choice = chooseTariff(file, isFile ? file.name : nameOrFile, given);
  if (choice.ok) return choice.chosen;
  throw new UserFault(choice.faults.map(({ message }) => `--set: ${message}`).join('\n'));
}

/** Reads and checks a tariff file; throws a UserFault with `file:line:column: …` a fault. */
export function loadTariffFile(path: string): TariffFile {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines, merge: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new UserFault(
      document.errors
        .map(({ pos, message }) => `${at(pos[0])}: ${message.split('\n')[0] ?? message}`)
        .join('\n'),
    );
  }
  const read = readTariffFile(document.toJS());
  if (read.ok) return read.file;
  const describe = ({ path: where, message }: TariffFault): string =>
    `${at(offsetOf(document, where))}: ${fieldOf(where)}: ${message}`;
  // A part that aliases repeat is told once.
  throw new UserFault([...new Set(read.faults.map(describe))].join('\n'));
}

/** The place says where; the last names of the path say what. */
const fieldOf = (path: readonly (string | number)[]): string =>
  path
    .slice(path.findLastIndex((key, i) => typeof key === 'number' && i < path.length - 1) + 1)
    .join('.');

/** Where the deepest part of a path stands that is written in the file, through its aliases. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of [null, ...path]) {
    const inner: unknown = key === null ? node : isCollection(node) ? node.get(key, true) : null;
    node = isAlias(inner) ? inner.resolve(document) : inner;
    if (!isNode(node) || !node.range) return offset;
    offset = node.range[0];
  }
  return offset;
}
