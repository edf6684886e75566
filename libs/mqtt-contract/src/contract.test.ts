import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { accessRules } from './access.js';
import { asyncApi, topicsMarkdown } from './documents.js';
import { accountRoles, type Topic } from './topic.js';
import { topics } from './topics.js';
import { decodePayload, encodePayload } from './wire.js';

const rows = Object.entries(topics) as [string, Topic][];
const paramsOf = (one: Topic): Record<string, string> =>
  Object.fromEntries(
    one.paramNames.map((name) => [name, [...(one.row.values?.[name] ?? ['a1'])][0]!]),
  );

describe.each(rows)('%s', (_name, one) => {
  test('makes topics that only this row recognises', () => {
    const params = paramsOf(one);
    const topic = one.topic('energy', params);
    const recognised = rows.filter(([, other]) => other.match('energy', topic));
    expect(recognised.map(([, other]) => other.row.path)).toEqual([one.row.path]);
    expect(one.match('energy', topic)).toEqual(params);
    expect(one.match('other', topic)).toEqual(one.row.absolute ? params : null);
  });

  test('brings its sample through the wire unchanged', () => {
    const text = encodePayload(one, one.row.sample);
    expect(decodePayload(one, Buffer.from(text))).toEqual({ ok: true, payload: one.row.sample });
  });
});

describe('a payload that breaks its schema', () => {
  test('is refused with the field and the reason', () => {
    const bad = { ...topics.meterReading.row.sample, energyImportWh: 1.5, seq: 0 };
    const decoded = decodePayload(topics.meterReading, Buffer.from(JSON.stringify(bad)));
    expect(decoded).toMatchObject({ ok: false });
    expect(!decoded.ok && decoded.reason).toMatch(/seq: .*; energyImportWh: /);
  });

  test.each([
    ['power below zero', [{ powerW: -1 }]],
    ['power that is no number', [{ powerW: '2840' }]],
    ['a time without a zone', [{ start: '2026-03-29T10:00:00' }]],
    ['more slots than a feed may have', Array<object>(1_001).fill({})],
  ])('is refused: a feed of panels with %s', (_what, changes) => {
    const [slot] = topics.pvForecastFeed.row.sample.slots;
    const slots = changes.map((change) => ({ ...slot, ...change }));
    const text = JSON.stringify({ v: 1, slots });
    const decoded = decodePayload(topics.pvForecastFeed, Buffer.from(text));
    expect(!decoded.ok && decoded.reason).toMatch(/slots/);
  });

  test('is accepted with fields that nobody knows yet', () => {
    const more = { ...topics.meterReading.row.sample, novel: true };
    expect(decodePayload(topics.meterReading, Buffer.from(JSON.stringify(more))).ok).toBe(true);
  });
});

describe('parameters', () => {
  test.each(['a/b', '+', '#', '', 'a\0b'])('refuse %j, which is no topic level', (meter) => {
    expect(() => topics.meterReading.topic('energy', { meter })).toThrow(/no topic level/);
  });
});

describe('access rules', () => {
  const rules = accessRules('energy');

  test('name every role, and give nobody but an admin everything', () => {
    expect(Object.keys(rules)).toEqual([...accountRoles]);
    const all = accountRoles.filter((role) => rules[role].publish.includes('#'));
    expect(all).toEqual(['admin']);
  });

  test('let a service speak only for itself', () => {
    expect(rules.historian.publish).toContain('energy/service/historian/+');
    expect(rules.historian.publish).not.toContain('energy/service/+/+');
    expect(rules.historian.publish).not.toContain('energy/meter/+/reading');
  });

  test('let a viewer look and ask for history, but switch nothing', () => {
    expect(rules.viewer.publish).toEqual(['energy/history/request']);
    expect(rules.viewer.subscribe).toContain('energy/#');
  });
});

describe('the documents', () => {
  const committed = (name: string): string =>
    readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  const version = (
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    }
  ).version;

  test('are those of this table (npm run generate makes them anew)', () => {
    expect(committed('topics.md')).toBe(topicsMarkdown());
    expect(JSON.parse(committed('asyncapi.json'))).toEqual(
      JSON.parse(JSON.stringify(asyncApi(version))),
    );
  });
});
