import { z } from 'zod';
import { accessRules } from './access.js';
import { accountRoles, type Topic } from './topic.js';
import { topics } from './topics.js';

const ROOT = 'energy';
const rows = Object.entries(topics) as [string, Topic][];

/** `docs/topics.md`: the contract for people. */
export function topicsMarkdown(): string {
  return [
    '# Topics',
    '',
    'Made from the table in `libs/mqtt-contract` by `npm run generate`; do not edit.',
    '',
    `The root \`${ROOT}\` is the setting \`mqtt.root\`. Payloads are plain JSON where nothing else is`,
    'said. Import is positive, export negative; energy is whole watt-hours; a value that is not known',
    'is absent, never 0. Unknown fields are to be ignored. A message that breaks the contract is',
    'counted and shown on the `rejected` topic of the service that refused it.',
    '',
    '| topic | QoS | retained | from | to |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(([, one]) => tableLine(one)),
    '',
    ...rows.flatMap(([name, one]) => section(name, one)),
    '# Access rights',
    '',
    'What an account of each role may publish and subscribe to. The broker enforces this, for last',
    'wills and retained messages too.',
    '',
    ...rightsTable(),
    '',
  ].join('\n');
}

/** `docs/asyncapi.json`: the contract for programs, AsyncAPI 3.0. */
export function asyncApi(version: string): unknown {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Wattbus',
      version,
      description: 'Energy management for homes: everything that is said on the bus.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { home: { host: 'localhost:1883', protocol: 'mqtt', protocolVersion: '3.1.1' } },
    channels: Object.fromEntries(rows.map(([name, one]) => [name, channel(one)])),
    operations: Object.fromEntries(
      rows.map(([name, one]) => [`publish.${name}`, operation(name, one)]),
    ),
  };
}

/** Braces as the documents show them: `energy/meter/{meter}/reading`. */
const shown = ({ row }: Topic): string => (row.absolute ? row.path : `${ROOT}/${row.path}`);

function tableLine(one: Topic): string {
  const { qos, retain, publishedBy, subscribedBy } = one.row;
  const to = subscribedBy.join(', ');
  return `| \`${shown(one)}\` | ${qos} | ${retain ? 'yes' : 'no'} | ${publishedBy.join(', ')} | ${to} |`;
}

function section(name: string, one: Topic): string[] {
  const { about, encoding, sample } = one.row;
  const body = encoding === 'json' ? JSON.stringify(sample, null, 2) : String(sample);
  return [
    `## ${name}`,
    '',
    `\`${shown(one)}\`: ${about}`,
    '',
    encoding === 'json' ? '```json' : '```text',
    body,
    '```',
    '',
  ];
}

function rightsTable(): string[] {
  const rules = accessRules(ROOT);
  const list = (filters: readonly string[]): string =>
    filters.map((filter) => `\`${filter}\``).join('<br>');
  return [
    '| role | may publish | may subscribe |',
    '| --- | --- | --- |',
    ...accountRoles.map(
      (role) => `| ${role} | ${list(rules[role].publish)} | ${list(rules[role].subscribe)} |`,
    ),
  ];
}

function channel(one: Topic): unknown {
  const { row, paramNames } = one;
  const parameters = Object.fromEntries(
    paramNames.map((name) => [
      name,
      { ...(row.values?.[name] && { enum: [...row.values[name]] }) },
    ]),
  );
  return {
    address: shown(one),
    description: row.about,
    ...(paramNames.length > 0 && { parameters }),
    messages: {
      message: {
        contentType: row.encoding === 'json' ? 'application/json' : 'text/plain',
        payload: schemaOf(row.payload),
        examples: [{ payload: row.sample }],
      },
    },
    bindings: { mqtt: { bindingVersion: '0.2.0' } },
  };
}

function operation(name: string, { row }: Topic): unknown {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    summary: `By ${row.publishedBy.join(', ')}; for ${row.subscribedBy.join(', ')}.`,
    bindings: { mqtt: { qos: row.qos, retain: row.retain, bindingVersion: '0.2.0' } },
  };
}

/** AsyncAPI 3.0 takes JSON Schema draft 7. */
const schemaOf = (payload: z.ZodType): unknown => {
  const schema: Record<string, unknown> = z.toJSONSchema(payload, {
    target: 'draft-7',
    io: 'output',
    unrepresentable: 'any',
  });
  delete schema['$schema'];
  // Unknown fields are ignored by every reader, so the document must not forbid them.
  return withoutClosedObjects(schema);
};

function withoutClosedObjects(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutClosedObjects);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === 'additionalProperties' && value === false))
      .map(([key, value]) => [key, withoutClosedObjects(value)]),
  );
}
