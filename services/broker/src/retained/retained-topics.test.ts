import { expect, test } from '@jest/globals';
import { filterMatches } from '../domain/topic-filter.js';
import { RetainedTopics } from './retained-topics.js';

const topicNames = ['a', '/', '/a', 'a/', 'a/b', 'a/b/c', 'a/b/d', 'a/e/c', '$SYS/a', 'b'];
const filters = [
  '#',
  '+',
  '/+',
  '+/+',
  'a/+',
  'a/b/+',
  'a/+/c',
  'a/#',
  'a/b',
  'x/+',
  '$SYS/+',
  '+/a',
];

function filled(): RetainedTopics {
  const topics = new RetainedTopics();
  for (const topic of topicNames) {
    topics.set({ topic, payload: Buffer.from(topic), qos: 0 });
  }
  return topics;
}

test.each(filters)('what the filter %s matches is among the candidates', (filter) => {
  const topics = filled();
  for (const removed of ['', ...topicNames]) {
    topics.delete(removed);
    const candidates = [...topics.candidates(filter)].map(({ topic }) => topic);
    const kept = [...topics.keys()].filter((topic) => filterMatches(filter, topic));
    expect(candidates.filter((topic) => filterMatches(filter, topic)).sort()).toEqual(kept.sort());
    expect(topics.size).toBe([...topics.keys()].length);
  }
});

test('for a wildcard at the end alone no other branch is looked at', () => {
  const found = [...filled().candidates('a/b/+')].map(({ topic }) => topic);
  expect(found).toEqual(['a/b/c', 'a/b/d']);
});
