import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { topics, type ServiceHealth, type SiteAnalysis } from '@wattbus/mqtt-contract';
import { alertRows, chartEndMs, freshness, serviceRows } from './selections.js';
import { gridMeters, initialState, reduce, type PageState } from './state.js';
import type { Message } from './topics.js';

const start = Date.parse('2026-03-29T01:15:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const hear = (state: PageState, message: Message, nowMs: number): PageState =>
  reduce(state, { kind: 'message', message, nowMs });

function reading(given: Partial<Reading>): Message {
  const payload = { ...topics.meterReading.row.sample, ...given } as Reading;
  return { topic: 'meterReading', params: { meter: payload.meter }, payload, retained: false };
}

function site(given: Partial<SiteAnalysis>, retained = false): Message {
  const payload: SiteAnalysis = { ...topics.siteAnalysis.row.sample, ...given };
  return { topic: 'siteAnalysis', params: {}, payload, retained };
}

function health(given: Partial<ServiceHealth>, retained = false): Message {
  const payload = { ...topics.serviceHealth.row.sample, ...given } as ServiceHealth;
  const { service, instance } = payload;
  return { topic: 'serviceHealth', params: { service, instance }, payload, retained };
}

describe('power now', () => {
  test('is that of the newest reading, and the chart gets it too', () => {
    const state = hear(initialState, reading({ at: iso(start), powerW: 431 }), start + 200);
    expect(state.power).toEqual({ watts: 431, atMs: start });
    expect(state.series.newest).toEqual({ atMs: start, powerW: 431 });
  });

  test('is the sum of all grid meters, without one that has been silent for long', () => {
    let state = hear(initialState, reading({ meter: 'a', at: iso(start), powerW: 500 }), start);
    state = hear(state, reading({ meter: 'b', at: iso(start + 1_000), powerW: -800 }), start);
    expect(state.power?.watts).toBe(-300);
    state = hear(state, reading({ meter: 'b', at: iso(start + 400_000), powerW: -700 }), start);
    expect(state.power?.watts).toBe(-700);
  });

  test('does not count meters of the house', () => {
    const solar = reading({ meter: 'roof', role: 'pv', at: iso(start), powerW: -2_000 });
    expect(hear(initialState, solar, start).power).toBeNull();
  });

  test('comes from the analysis where the meter states registers only', () => {
    const message = site({ powerW: 640, at: iso(start), meters: [] });
    expect(hear(initialState, message, start).power?.watts).toBe(640);
  });

  test('stays unknown where nobody knows it', () => {
    const state = hear(initialState, site({ powerW: null }), start);
    expect([state.power, state.site?.importTodayWh]).toEqual([null, 812]);
  });
});

describe('age of the values', () => {
  test('counts from their arrival, so a wrong clock in the meter does not matter', () => {
    const message = reading({ at: '2031-01-01T00:00:00.000Z', powerW: 1 });
    const state = hear(initialState, message, start);
    expect(freshness(state, start + 4_000)).toEqual({ ageMs: 4_000, stale: false });
    expect(freshness(state, start + 75_001)?.stale).toBe(true);
  });

  test('counts from the time stated where the broker had kept the message', () => {
    const at = iso(start - 300_000);
    const meters = [{ ...topics.siteAnalysis.row.sample.meters[0]!, at }];
    const state = hear(initialState, site({ at, meters }, true), start);
    expect(freshness(state, start)).toEqual({ ageMs: 300_000, stale: true });
  });

  test('allows for a meter that speaks every quarter-hour', () => {
    let state = hear(initialState, reading({ at: iso(start) }), start);
    state = hear(state, reading({ at: iso(start + 900_000) }), start + 900_000);
    // The analysis of the same reading is no second value.
    const { sample } = topics.siteAnalysis.row;
    const meters = [{ ...sample.meters[0]!, at: iso(start + 900_000) }];
    state = hear(state, site({ meters }), start + 900_050);
    expect(freshness(state, start + 1_799_000)?.stale).toBe(false);
    expect(freshness(state, start + 3_600_001)?.stale).toBe(true);
  });

  test('is unknown before the first value', () => {
    expect(freshness(initialState, start)).toBeNull();
  });

  test('of the grid meter is not hidden by a gas meter that goes on', () => {
    let state = hear(initialState, reading({ at: iso(start) }), start);
    const gas = reading({ meter: 'gas', role: 'gas', medium: 'gas', at: iso(start + 100_000) });
    state = hear(state, gas, start + 100_000);
    expect(freshness(state, start + 100_000)?.stale).toBe(true);
  });
});

describe('services', () => {
  const conditions = (state: PageState, nowMs: number): string[] =>
    serviceRows(state, nowMs).map(({ service, condition }) => `${service} ${condition}`);

  test('stand in the order of the data', () => {
    let state = initialState;
    for (const service of ['historian', 'broker', 'meter-ingest'] as const) {
      state = hear(state, health({ service, at: iso(start) }), start);
    }
    expect(conditions(state, start)).toEqual([
      'meter-ingest ready',
      'broker ready',
      'historian ready',
    ]);
  });

  test('are called silent 75 s after they last spoke', () => {
    const state = hear(initialState, health({ at: iso(start) }), start);
    expect(conditions(state, start + 75_000)).toEqual(['historian ready']);
    expect(conditions(state, start + 75_001)).toEqual(['historian silent']);
  });

  test('are called silent where only an old retained message is left of them', () => {
    const state = hear(initialState, health({ at: iso(start - 80_000) }, true), start);
    expect(conditions(state, start)).toEqual(['historian silent']);
  });

  test('say that they were lost until a successor is there', () => {
    const since = iso(start);
    let state = hear(initialState, health({ instance: 'a', since, at: since }), start);
    state = hear(state, health({ instance: 'a', since, at: since, state: 'lost' }), start + 10_000);
    expect(conditions(state, start + 11_000)).toEqual(['historian lost']);
    const later = iso(start + 12_000);
    state = hear(state, health({ instance: 'b', since: later, at: later }), start + 12_000);
    expect(serviceRows(state, start + 12_000)).toMatchObject([
      { key: 'historian/b', condition: 'ready', instance: null },
    ]);
  });

  test('show a lost replica beside those that run on', () => {
    let state = initialState;
    for (const instance of ['a', 'b']) {
      const running = { service: 'analyzer', instance, since: iso(start), at: iso(start) } as const;
      state = hear(state, health(running), start);
    }
    const lost = health({ service: 'analyzer', instance: 'a', state: 'lost', since: iso(start) });
    state = hear(state, lost, start + 5_000);
    expect(serviceRows(state, start + 5_000)).toMatchObject([
      { instance: 'a', condition: 'lost' },
      { instance: 'b', condition: 'ready' },
    ]);
  });

  test('show one row for a service whose processes have all ended', () => {
    let state = initialState;
    for (const [i, instance] of ['a', 'b', 'c'].entries()) {
      const since = iso(start + i * 1_000);
      state = hear(state, health({ instance, since, at: since, state: 'stopped' }, true), start);
    }
    expect(serviceRows(state, start + 9_000).map(({ key }) => key)).toEqual(['historian/c']);
  });
});

test('alerts stay until they are cleared, the critical ones first', () => {
  const alert = (name: string, given: object): Message => ({
    topic: 'serviceAlert',
    params: { service: 'meter-ingest', name },
    payload: { ...topics.serviceAlert.row.sample, ...given },
    retained: true,
  });
  let state = hear(initialState, alert('journal', {}), start);
  state = hear(state, alert('disk', { severity: 'critical' }), start);
  expect(alertRows(state).map(({ key }) => key)).toEqual([
    'meter-ingest/disk',
    'meter-ingest/journal',
  ]);
  state = hear(state, alert('disk', { active: false }), start);
  expect(alertRows(state).map(({ key }) => key)).toEqual(['meter-ingest/journal']);
});

test('grid meters are known from the analysis and from their own state', () => {
  const state = hear(initialState, site({}), start);
  const meter = { ...topics.meterState.row.sample, meter: 'garage', faults: {} };
  const message: Message = {
    topic: 'meterState',
    params: { meter: 'garage' },
    payload: meter,
    retained: true,
  };
  expect(gridMeters(hear(state, message, start))).toEqual(['garage', 'main']);
});

test('a publisher of endless names cannot fill the memory', () => {
  let state = initialState;
  for (let i = 0; i < 500; i += 1) state = hear(state, health({ instance: `i${i}` }), start);
  expect(state.services.size).toBe(200);
});

test('the form for signing in stays while the broker checks the account', () => {
  let state = reduce(initialState, { kind: 'link', link: 'sign-in', wrongPassword: true });
  state = reduce(state, { kind: 'link', link: 'connecting' });
  expect([state.link, state.wrongPassword]).toEqual(['sign-in', false]);
  expect(reduce(state, { kind: 'link', link: 'online' }).link).toBe('online');
});

describe('the end of the chart', () => {
  test('is now, so that a silent meter leaves a visible gap', () => {
    const state = hear(initialState, reading({ at: iso(start) }), start);
    expect(chartEndMs(state, start + 600_000)).toBe(start + 600_000);
  });

  test("is the newest reading where the meter's clock is far from ours", () => {
    const at = '2024-01-01T00:00:00.000Z';
    const state = hear(initialState, reading({ at }), start);
    expect(chartEndMs(state, start)).toBe(Date.parse(at));
  });
});
