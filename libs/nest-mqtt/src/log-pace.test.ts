import { expect, test } from '@jest/globals';
import { faultCodes } from '@wattbus/energy-model';
import { LogPace } from './log-pace.js';

const DAY_S = 86_400;
/** Of a line with its level, time, service, message and fields; none of a meter is longer. */
const LINE_BYTES_MAX = 1_000;

/** All that is logged of one meter: its line, and each kind of fault. */
const kinds = ['open', 'down', 'found', 'keep', ...faultCodes.map((code) => `fault:${code}`)];

test('a meter that is dead for a day writes less than a megabyte', () => {
  const pace = new LogPace();
  let lines = 0;
  for (let s = 0; s < DAY_S; s += 1) {
    lines += kinds.filter((kind) => pace.say(kind, s * 1_000) !== null).length;
  }
  expect(lines).toBeGreaterThan(kinds.length * 24);
  expect(lines * LINE_BYTES_MAX).toBeLessThan(1_000_000);
});

test('says the first at once, the next after a minute, then ever seldomer, and what was left out', () => {
  const pace = new LogPace();
  const said: [second: number, left: number][] = [];
  for (let s = 0; s <= 600; s += 1) {
    const left = pace.say('down', s * 1_000);
    if (left !== null) said.push([s, left]);
  }
  expect(said).toEqual([
    [0, 0],
    [60, 59],
    [180, 119],
    [420, 239],
  ]);
});

test('begins anew when it has been quiet', () => {
  const pace = new LogPace();
  for (let s = 0; s <= 600; s += 1) pace.say('down', s * 1_000);
  expect(pace.say('down', 3_600_000)).toBe(180);
  expect(pace.say('down', 3_600_000 + 59_999)).toBeNull();
  expect(pace.say('down', 3_600_000 + 60_000)).toBe(1);
});

test('kinds do not hold one another up', () => {
  const pace = new LogPace();
  expect(pace.say('a', 0)).toBe(0);
  expect(pace.say('b', 0)).toBe(0);
});
