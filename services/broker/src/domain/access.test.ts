import { describe, expect, test } from '@jest/globals';
import { Access } from './access.js';

const access = new Access(
  {
    publish: ['energy/meter/+/reading', 'energy/service/meter-ingest/#'],
    subscribe: ['energy/meter/#'],
  },
  10,
);

describe('Access', () => {
  test('lets a role publish what a filter matches and nothing else', () => {
    expect(access.mayPublish('energy/meter/main/reading')).toBe(true);
    expect(access.mayPublish('energy/meter/main/state')).toBe(false);
    expect(access.mayPublish('$SYS/broker/uptime')).toBe(false);
  });

  test('lets a role subscribe to part of what it may see, but to no wider filter', () => {
    expect(access.maySubscribe('energy/meter/+/reading')).toBe(true);
    expect(access.maySubscribe('energy/meter/main/#')).toBe(true);
    expect(access.maySubscribe('energy/#')).toBe(false);
    expect(access.maySubscribe('#')).toBe(false);
    expect(access.maySubscribe('$share/group/energy/meter/main')).toBe(false);
    expect(access.maySubscribe('energy/meter/#/x')).toBe(false);
  });

  test('keeps deciding rightly for more topics than it remembers', () => {
    for (let i = 0; i < 10_000; i += 1) {
      expect(access.mayPublish(`energy/meter/m${i}/reading`)).toBe(true);
      expect(access.mayPublish(`energy/other/m${i}`)).toBe(false);
    }
  });
});
