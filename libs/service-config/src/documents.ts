import { configJsonSchema, type JsonSchema } from './json-schema.js';

/** `docs/configuration.md`: every setting with its default, as a table. */
export function configurationMarkdown(): string {
  return [
    '# Configuration',
    '',
    'Made from the schema in `libs/service-config` by `npm run generate`; do not edit.',
    '',
    'One file, `wattbus.yaml` (or the one that `--config` or `WATTBUS_CONFIG` names), for all',
    'services; each reads its part. Every setting can also come from the environment, which wins:',
    '`store.batchMs` is `WATTBUS_STORE__BATCH_MS`, `meters[0].port` is `WATTBUS_METERS__0__PORT`.',
    '`npx wattbus check-config` lists all faults at once, with their lines. Editors complete and check',
    'the file with `config/wattbus.schema.json`.',
    '',
    '| setting | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...lines(configJsonSchema(), ''),
    '',
  ].join('\n');
}

function lines(schema: JsonSchema, path: string): string[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, value]) =>
      lines(value, path === '' ? key : `${path}.${key}`),
    );
  }
  const single = schema.anyOf?.find(({ properties }) => properties);
  if (single) return lines(single, path);
  const { description = '', default: fallback } = schema;
  const shown = fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``;
  const own = `| \`${path}\` | ${typeOf(schema)} | ${shown} | ${description.replaceAll('|', '\\|')} |`;
  return schema.items?.properties ? [own, ...lines(schema.items, `${path}[]`)] : [own];
}

function typeOf({ type, enum: values, anyOf, const: only, items }: JsonSchema): string {
  if (values) return values.map((value) => `\`${String(value)}\``).join(' ');
  if (only !== undefined) return `\`${String(only)}\``;
  if (anyOf) return anyOf.map(typeOf).join(' ');
  return type === 'array' && !items?.properties ? `list of ${typeOf(items ?? {})}` : (type ?? '');
}
