import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { CheckedConfig, Config, type WattbusConfig } from './config-schema.js';
import { configJsonSchema, schemaAt, variantOf, type JsonSchema } from './json-schema.js';
import { faultsOfChoice } from './tariff-plan.js';

/** What is wrong with the configuration, where, and what to do. */
export interface ConfigFault {
  /** `wattbus.yaml:12` or the environment variable. */
  readonly where: string;
  /** `meters.0.port` */
  readonly path: string;
  readonly message: string;
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: WattbusConfig; readonly file: string | null }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

export interface LoadOptions {
  /** Named file; it must exist. Without it `WATTBUS_CONFIG`, then `wattbus.yaml` if it is there. */
  readonly file?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values that win over file and environment, by path: `{ 'dashboard.port': 9000 }`. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

const ENV_PREFIX = 'WATTBUS_';
/** Variables of the prefix that are not configuration values. */
const ENV_OTHER = new Set(['WATTBUS_CONFIG', 'WATTBUS_CORPUS']);

/**
 * Reads file and environment, and checks all at once: the result holds every fault, not the first.
 *
 * `WATTBUS_STORE__BATCH_MS=60000` sets `store.batchMs`: two underscores go one level down.
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const env = options.env ?? process.env;
  const file = options.file ?? env['WATTBUS_CONFIG'] ?? defaultFile();
  const lines = new LineCounter();
  const origins = new Map<string, string>();

  let document: Document | null = null;
  if (file !== null) {
    if (!existsSync(file)) {
      return refused([{ where: file, path: '', message: 'the file does not exist' }]);
    }
    document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
    if (document.errors.length > 0) {
      return refused(
        document.errors.map(({ pos, message }) => ({
          where: `${file}:${lines.linePos(pos[0]).line}`,
          path: '',
          message: message.split('\n')[0] ?? message,
        })),
      );
    }
  }

  const values: unknown = document?.toJS() ?? {};
  if (!isTree(values)) {
    return refused([{ where: `${file}:1`, path: '', message: 'must be a mapping of settings' }]);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || ENV_OTHER.has(name) || value === undefined) continue;
    const path = pathOfVariable(name);
    origins.set(path.join('.'), name);
    put(values, path, parseScalar(value, schemaAt(path)));
  }
  for (const [path, value] of Object.entries(options.overrides ?? {})) {
    put(values, path.split('.'), value);
  }

  const parsed = CheckedConfig.safeParse(values);
  const whereOf = (path: readonly PropertyKey[]): string =>
    origins.get(path.join('.')) ?? whereInFile(document, lines, file, path);
  const isList = Array.isArray(values['tariff']);
  const faultIn = (issue: z.core.$ZodIssue): ConfigFault => {
    // One tariff is checked as a list of one.
    const { path } = issue;
    const single = path[0] === 'tariff' && path[1] === 0 && !isList;
    return faultOf(single ? { ...issue, path: ['tariff', ...path.slice(2)] } : issue, whereOf);
  };
  const faults = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(issuesWithin).map(faultIn)),
    ...unknownKeys(values, configJsonSchema()).map((path) => ({
      where: whereOf(path),
      path: path.join('.'),
      message: 'no such setting; see docs/configuration.md',
    })),
  ];
  // Tariffs are looked up whatever else is wrong, so that all faults are told at once.
  const named = withPathsFrom(file, parsed.success ? parsed.data : tariffsOf(values));
  faults.push(...tariffFaults(named, isList, whereOf));
  if (!parsed.success || faults.length > 0) return refused(faults);
  return { ok: true, config: { ...parsed.data, ...named }, file };
}

type Named = Pick<WattbusConfig, 'tariff' | 'site' | 'prices'>;

/** What of the tariffs and the zone can be read where the whole is refused. */
function tariffsOf(values: Tree): Named {
  const defaults = Config.parse({});
  const { tariff, site } = Config.shape;
  const tariffs = tariff.safeParse(values['tariff']);
  const { zone } = isTree(values['site']) ? values['site'] : { zone: undefined };
  const sites = site.safeParse(zone === undefined ? {} : { zone });
  return {
    tariff: tariffs.success ? tariffs.data : [],
    site: sites.success ? sites.data : defaults.site,
  };
}

/** Files that are named in a file lie beside it. */
function withPathsFrom(file: string | null, { tariff, site, prices }: Named): Named {
  if (file === null) return { tariff, site, ...(prices ? { prices } : {}) };
  const near = (name: string): string => resolve(dirname(file), name);
  return {
    site,
    tariff: tariff.map((one) => (one.file === undefined ? one : { ...one, file: near(one.file) })),
    ...(prices && { prices: withFile(prices, near) }),
  };
}

const withFile = (
  prices: NonNullable<Named['prices']>,
  near: (name: string) => string,
): Named['prices'] => (prices.file === undefined ? prices : { ...prices, file: near(prices.file) });

function tariffFaults(
  { tariff, site }: Named,
  isList: boolean,
  whereOf: (path: readonly PropertyKey[]) => string,
): ConfigFault[] {
  return tariff.flatMap((choice, i) =>
    faultsOfChoice(choice, site.zone).map(({ where, path, message }) => {
      const inConfig = ['tariff', ...(isList ? [i] : []), ...path];
      if (where !== null) return { where, path: path.join('.'), message };
      return { where: whereOf(inConfig), path: inConfig.join('.'), message };
    }),
  );
}

/** One line a fault: `wattbus.yaml:12: meters.0.port: …`. */
export function describeFaults(faults: readonly ConfigFault[]): string {
  return faults
    .map(({ where, path, message }) => `${where}: ${path === '' ? '' : `${path}: `}${message}`)
    .join('\n');
}

const refused = (faults: readonly ConfigFault[]): LoadedConfig => ({ ok: false, faults });

const defaultFile = (): string | null => (existsSync('wattbus.yaml') ? 'wattbus.yaml' : null);

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** `WATTBUS_STORE__BATCH_MS` → `store`, `batchMs`. */
function pathOfVariable(name: string): string[] {
  return name
    .slice(ENV_PREFIX.length)
    .toLowerCase()
    .split('__')
    .map((level) => level.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}

/** Numbers and booleans where the setting is one; a password of digits stays text. */
function parseScalar(text: string, schema: JsonSchema | null): unknown {
  if (schema?.type === 'string') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const [i, level] of path.slice(0, -1).entries()) {
    if (!isTree(node[level])) node[level] = /^\d+$/.test(path[i + 1]!) ? [] : {};
    node = node[level] as Tree;
  }
  node[path.at(-1)!] = value;
}

/** Of a setting that may be one or a list, what is wrong with the form that was meant. */
function issuesWithin(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(...issues.map(({ path }) => path.length));
  const meant = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0]!;
  if (depth(meant) === 0) return [issue];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function faultOf(
  issue: z.core.$ZodIssue,
  whereOf: (path: readonly PropertyKey[]) => string,
): ConfigFault {
  return { where: whereOf(issue.path), path: issue.path.join('.'), message: issue.message };
}

/** The line of the deepest part of the path that is written in the file. */
function whereInFile(
  document: Document | null,
  lines: LineCounter,
  file: string | null,
  path: readonly PropertyKey[],
): string {
  if (document === null) return 'configuration';
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number] } | undefined;
    if (node?.range) return `${file}:${lines.linePos(node.range[0]).line}`;
  }
  return `${file}:1`;
}

/** A misspelt setting would silently do nothing, so it is a fault. */
function unknownKeys(
  given: unknown,
  schemas: JsonSchema | undefined,
  path: PropertyKey[] = [],
): PropertyKey[][] {
  if (!isTree(given) || schemas === undefined) return [];
  const schema = variantOf(schemas, Array.isArray(given));
  if (Array.isArray(given)) {
    return given.flatMap((item, i) => unknownKeys(item, schema.items, [...path, i]));
  }
  const { properties } = schema;
  if (properties === undefined) return [];
  return Object.entries(given).flatMap(([key, value]) =>
    Object.hasOwn(properties, key)
      ? unknownKeys(value, properties[key], [...path, key])
      : [[...path, key]],
  );
}
