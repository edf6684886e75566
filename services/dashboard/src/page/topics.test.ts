import { describe, expect, test } from '@jest/globals';
import { topics as contract, type Topic } from '@wattbus/mqtt-contract';
import { Config } from '@wattbus/service-config';
import { pageConfigOf } from '../page-config.js';
import { fillPath, heardTopics, matchPath, readMessage } from './topics.js';

const { topics } = pageConfigOf(Config.parse({ mqtt: { root: 'site/7' } }));
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const params = {
  meter: 'main',
  device: 'boiler',
  service: 'broker',
  instance: 'a',
  name: 'x',
  client: 'p',
};

test('the paths of the page are those of the contract, under the configured root', () => {
  for (const name of heardTopics) {
    const row: Topic = contract[name];
    expect(fillPath(topics[name], {})).toBe(row.filter('site/7'));
    expect(row.row.subscribedBy).toContain('viewer');
    const concrete = row.topic('site/7', params);
    expect(fillPath(topics[name], params)).toBe(concrete);
    expect(matchPath(topics[name], concrete)).toEqual(row.match('site/7', concrete));
  }
});

test.each(heardTopics)('reads the sample of %s, which the contract gives', (name) => {
  const row: Topic = contract[name];
  const message = readMessage(topics, row.topic('site/7', params), bytes(row.row.sample), true);
  expect(message).toMatchObject({ topic: name, payload: row.row.sample, retained: true });
});

describe('a message that is not understood', () => {
  const at = 'site/7/analysis';
  const { sample } = contract.siteAnalysis.row;

  test.each([
    ['no JSON', new TextEncoder().encode('{"v":1')],
    ['null', bytes(null)],
    ['a list', bytes([])],
    ['another version', bytes({ ...sample, v: 2 })],
    ['a text where a number belongs', bytes({ ...sample, importTodayWh: '812' })],
    ['a missing field', bytes({ ...sample, meters: undefined })],
    ['a currency that is none', bytes({ ...sample, currency: 'euro' })],
    ['a time that is none', bytes({ ...sample, at: 'yesterday' })],
    ['a broken meter', bytes({ ...sample, meters: [{ meter: 'main' }] })],
  ])('is dropped: %s', (_, payload) => {
    expect(readMessage(topics, at, payload, false)).toBeNull();
  });

  test('is dropped where its topic is none of ours', () => {
    expect(readMessage(topics, 'site/7/analysis/main/energy', bytes(sample), false)).toBeNull();
    expect(readMessage(topics, 'energy/analysis', bytes(sample), false)).toBeNull();
  });

  test('is a clearing where it is empty', () => {
    const message = readMessage(topics, at, new Uint8Array(), true);
    expect(message).toMatchObject({ topic: 'siteAnalysis', payload: null });
  });
});
