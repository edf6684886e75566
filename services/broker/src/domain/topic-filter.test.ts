import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { filterCovers, filterMatches, isTopicFilter, TOPIC_LEVELS_MAX } from './topic-filter.js';

const level = fc.constantFrom('a', 'b', '', '$SYS', 'c');
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(
    fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '/#'),
  )
  .map(([levels, tail]) => levels.join('/') + tail)
  .chain((made) => fc.constantFrom(made, '#'))
  .filter((made) => made !== '');

/** Topics that the filter matches, chosen to slip past any filter that does not cover it. */
function witnesses(requested: string): string[] {
  const plain = requested.replaceAll('+', 'new');
  if (!plain.endsWith('#')) return [plain];
  const parent = plain.slice(0, -1);
  return [`${parent}new`, `${parent}new/new/new/new/new`, parent.replace(/\/$/, '')].filter((one) =>
    filterMatches(requested, one),
  );
}

describe('filterMatches', () => {
  test.each([
    ['energy/meter/main/reading', 'energy/meter/main/reading', true],
    ['energy/+/main/reading', 'energy/meter/main/reading', true],
    ['energy/#', 'energy', true],
    ['energy/#', 'energy/meter/main', true],
    ['energy/+', 'energy/meter/main', false],
    ['energy/+', 'energy', false],
    ['+/+', '/finance', true],
    ['#', '$SYS/broker', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
    ['energy/meter', 'energy/meter/main', false],
  ])('%s against %s is %p, as in MQTT 3.1.1 §4.7', (one, against, expected) => {
    expect(filterMatches(one, against)).toBe(expected);
  });
});

describe('filterCovers', () => {
  test('never lets a topic through that the allowed filter does not match', () => {
    fc.assert(
      fc.property(filter, filter, topic, (allowed, requested, one) => {
        fc.pre(filterCovers(allowed, requested) && filterMatches(requested, one));
        expect(filterMatches(allowed, one)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('refuses only where some topic would get through', () => {
    fc.assert(
      fc.property(filter, filter, (allowed, requested) => {
        fc.pre(!filterCovers(allowed, requested));
        const through = witnesses(requested).filter((one) => !filterMatches(allowed, one));
        expect(through).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes a filter as covering itself, and # as covering all but $-topics', () => {
    fc.assert(
      fc.property(filter, (one) => {
        expect(filterCovers(one, one)).toBe(true);
        expect(filterCovers('#', one)).toBe(!one.startsWith('$'));
      }),
    );
  });
});

describe('isTopicFilter', () => {
  test.each(['a', '+', '#', 'a/+/b', 'a/#', '/', '$SYS/#'])('accepts %s', (one) => {
    expect(isTopicFilter(one)).toBe(true);
  });

  test.each(['', 'a#', '#/a', 'a+', 'a/b+/c', 'a\0', 'a/'.repeat(TOPIC_LEVELS_MAX)])(
    'refuses %j',
    (one) => {
      expect(isTopicFilter(one)).toBe(false);
    },
  );
});
