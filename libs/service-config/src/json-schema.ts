import { z } from 'zod';
import { Config } from './config-schema.js';

/** The part of JSON Schema that the configuration uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

let made: JsonSchema | null = null;

/** The schema of wattbus.yaml, for editors and for finding misspelt settings. */
export function configJsonSchema(): JsonSchema {
  made ??= z.toJSONSchema(Config, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema, path }) => {
      // The default is this machine's own zone, which is nothing to write into a document.
      if (path.at(-1) === 'zone') delete jsonSchema.default;
    },
  }) as JsonSchema;
  return made;
}

/** The schema of one setting, or null where there is none of that path. */
export function schemaAt(path: readonly string[]): JsonSchema | null {
  let schema: JsonSchema | undefined = configJsonSchema();
  for (const level of path) {
    const isItem = /^\d+$/.test(level);
    const variant: JsonSchema | undefined = schema && variantOf(schema, isItem);
    schema = isItem ? variant?.items : variant?.properties?.[level];
  }
  return schema ?? null;
}

/** Of a setting that may be one or a list of them, the schema of the form at hand. */
export const variantOf = (schema: JsonSchema, isList: boolean): JsonSchema =>
  schema.anyOf?.find(({ items, properties }) => (isList ? items : properties)) ?? schema;
