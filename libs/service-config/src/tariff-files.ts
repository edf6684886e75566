import {
  chooseTariff,
  namesOf,
  readTariffFile,
  type ChosenTariff,
  type GivenValues,
  type TariffFault,
  type TariffFile,
} from '@wattbus/tariffs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlias, isCollection, isNode, LineCounter, parseDocument, type Document } from 'yaml';

/** Where the shipped tariffs lie. */
const folder = fileURLToPath(new URL('../../../config/tariffs/', import.meta.url));

/** What is wrong with a tariff file, where. */
export interface FileFault {
  /** `my-tariff.yaml:12:5` */
  readonly where: string;
  /** The last names of the path: `rules`. */
  readonly field: string;
  readonly message: string;
}

export type LoadedTariffFile =
  | { readonly ok: true; readonly file: TariffFile }
  | { readonly ok: false; readonly faults: readonly FileFault[] };

export const describeFileFaults = (faults: readonly FileFault[]): string =>
  faults
    .map(({ where, field, message }) => `${where}: ${field === '' ? '' : `${field}: `}${message}`)
    .join('\n');

/** Every shipped tariff's name, with its file. Throws where a shipped file is broken. */
export function shippedTariffs(): ReadonlyMap<string, TariffFile> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return new Map(
    files
      .map((name) => loadTariffFile(join(folder, name)))
      .map((loaded) => {
        if (!loaded.ok) throw new Error(describeFileFaults(loaded.faults));
        return loaded.file;
      })
      .flatMap((file) => namesOf(file).map((name): [string, TariffFile] => [name, file])),
  );
}

/** What a name or a file gives with some inputs; faults of inputs have a path of one name. */
export type FoundTariff =
  | { readonly ok: true; readonly chosen: ChosenTariff; readonly file: TariffFile }
  | { readonly ok: false; readonly fault: 'file'; readonly faults: readonly FileFault[] }
  | { readonly ok: false; readonly fault: 'input'; readonly faults: readonly TariffFault[] }
  | { readonly ok: false; readonly fault: 'name'; readonly names: readonly string[] };

export function shippedChoice(name: string, given: GivenValues): FoundTariff {
  const shipped = shippedTariffs();
  const file = shipped.get(name);
  if (!file) return { ok: false, fault: 'name', names: [...shipped.keys()] };
  return chosenOf(file, name, given);
}

export function fileChoice(path: string, given: GivenValues): FoundTariff {
  const loaded = loadTariffFile(path);
  if (!loaded.ok) return { ok: false, fault: 'file', faults: loaded.faults };
  return chosenOf(loaded.file, loaded.file.name, given);
}

function chosenOf(file: TariffFile, name: string, given: GivenValues): FoundTariff {
  const choice = chooseTariff(file, name, given);
  return choice.ok
    ? { ok: true, chosen: choice.chosen, file }
    : { ok: false, fault: 'input', faults: choice.faults };
}

/** Reads and checks a tariff file: every fault, with `file:line:column`. */
export function loadTariffFile(path: string): LoadedTariffFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { ok: false, faults: [{ where: path, field: '', message: (error as Error).message }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => ({
      where: at(pos[0]),
      field: '',
      message: message.split('\n')[0] ?? message,
    }));
    return { ok: false, faults };
  }
  const read = readTariffFile(document.toJS());
  if (read.ok) return read;
  const faults = read.faults.map(({ path: inFile, message }) => ({
    where: at(offsetOf(document, inFile)),
    field: fieldOf(inFile),
    message,
  }));
  // A part that aliases repeat is told once.
  const unique = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return { ok: false, faults: [...unique.values()] };
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
