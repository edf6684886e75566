import { describe, expect, test } from '@jest/globals';
import type { DayAnalysis, EnergyAnalysis, Quarter, SiteAnalysis } from '@wattbus/mqtt-contract';
import { topics } from '@wattbus/mqtt-contract';
import { checkPoint, type Point } from '@wattbus/time-series';
import type { InsightName, Insights } from './insight-points.js';
import { Recorder, type Proposal } from './recorder.js';

const take = ({ points, accept }: Proposal): readonly Point[] => {
  accept();
  return points;
};

const quarter = (n: number, importWh: number): Quarter => ({
  start: new Date(Date.UTC(2026, 2, 29, 0, n * 15)).toISOString(),
  importWh,
  exportWh: 0,
  estimated: false,
});

const energy = (seq: number, quarters: Quarter[]): EnergyAnalysis => {
  const sample = topics.energyAnalysis.row.sample;
  return { ...(sample as EnergyAnalysis), seq, quarters };
};
const dayOf = (message: EnergyAnalysis, seq: number): DayAnalysis => ({
  ...(topics.dayAnalysis.row.sample as DayAnalysis),
  seq,
  date: message.today.date,
  quarters: message.quarters,
});
const kinds = (points: readonly Point[]): string[] => points.map(({ measurement }) => measurement);

describe('the recorder', () => {
  test('writes a closed quarter-hour once, and again when it changes', () => {
    const recorder = new Recorder();
    const first = energy(1, [quarter(0, 10), quarter(1, 20)]);
    expect(kinds(take(recorder.energy(first)))).toEqual(['quarter', 'quarter', 'day']);
    expect(take(recorder.energy({ ...first, seq: 2 }))).toEqual([]);
    const changed = energy(3, [quarter(0, 10), quarter(1, 21), quarter(2, 5)]);
    const points = take(recorder.energy(changed));
    expect(points.slice(0, 2).map(({ fields }) => fields['importWh'])).toEqual([21, 5]);
    expect(points[0]!.atMs).toBe(Date.UTC(2026, 2, 29, 0, 15));
  });

  test('proposes again what was not taken', () => {
    const recorder = new Recorder();
    const message = energy(1, [quarter(0, 10)]);
    expect(recorder.energy(message).points).toHaveLength(2);
    expect(take(recorder.energy(message))).toHaveLength(2);
    expect(recorder.energy(message).points).toEqual([]);
  });

  test('leaves a result out that is older than one it has seen', () => {
    const recorder = new Recorder();
    take(recorder.energy(energy(100, [quarter(0, 10), quarter(1, 20)])));
    expect(recorder.energy(energy(60, [quarter(0, 9)])).points).toEqual([]);
    const anew = { ...energy(1, [quarter(0, 9)]), epoch: 'another' };
    expect(kinds(recorder.energy(anew).points)).toEqual(['quarter', 'day']);
  });

  test('does not open a day again that was closed', () => {
    const recorder = new Recorder();
    const message = energy(1, [quarter(0, 10)]);
    take(recorder.energy(message));
    const final = take(recorder.day(dayOf(message, 2)));
    expect(kinds(final)).toEqual(['quarter', 'day']);
    expect(final.at(-1)!.fields).toMatchObject({ closed: true, cost: 2.41, currency: 'EUR' });
    const late = take(recorder.energy(energy(3, [quarter(0, 11)])));
    expect(kinds(late)).toEqual(['quarter']);
  });

  test('writes cost and peak once in a quarter-hour, the site once a minute', () => {
    const recorder = new Recorder();
    const cost = topics.costAnalysis.row.sample as Parameters<Recorder['cost']>[0];
    const peak = topics.peakAnalysis.row.sample as Parameters<Recorder['peak']>[0];
    const site = topics.siteAnalysis.row.sample as Parameters<Recorder['site']>[0];
    const written = { cost: 0, peak: 0, site: 0 };
    for (let s = 0; s < 3_600; s += 10) {
      const at = new Date(Date.UTC(2026, 2, 29, 12, 0, s)).toISOString();
      written.cost += take(recorder.cost({ ...cost, at })).length;
      written.peak += take(recorder.peak({ ...peak, at })).length;
      written.site += take(recorder.site({ ...site, at })).length;
    }
    expect(written).toEqual({ cost: 4, peak: 4, site: 60 });
  });

  test('writes devices and alerts when they change, and every event', () => {
    const recorder = new Recorder();
    const device = topics.controlState.row.sample as Parameters<Recorder['device']>[0];
    const alert = topics.serviceAlert.row.sample as Parameters<Recorder['alert']>[2];
    const event = topics.meterEvent.row.sample as Parameters<Recorder['event']>[0];
    const points = [
      ...take(recorder.device(device)),
      ...take(recorder.device({ ...device, at: '2026-03-29T02:00:00Z' })),
      ...take(recorder.device({ ...device, desired: true })),
      ...take(recorder.alert('meter-ingest', 'journal', alert)),
      ...take(recorder.alert('meter-ingest', 'journal', alert)),
      ...take(recorder.alert('meter-ingest', 'journal', { ...alert, active: false })),
      ...take(recorder.event(event)),
    ];
    expect(kinds(points)).toEqual(['device', 'device', 'alert', 'alert', 'event']);
  });

  test('proposes only points that every store takes', () => {
    const recorder = new Recorder();
    const { energyAnalysis, dayAnalysis, costAnalysis, peakAnalysis, siteAnalysis } = topics;
    const proposals = [
      recorder.energy(energyAnalysis.row.payload.parse(energyAnalysis.row.sample)),
      recorder.day(dayAnalysis.row.payload.parse(dayAnalysis.row.sample)),
      recorder.cost(costAnalysis.row.payload.parse(costAnalysis.row.sample)),
      recorder.peak(peakAnalysis.row.payload.parse(peakAnalysis.row.sample)),
      recorder.site(siteAnalysis.row.payload.parse(siteAnalysis.row.sample)),
    ];
    const checked = proposals.flatMap(({ points }) => points).map(checkPoint);
    expect(checked.length).toBeGreaterThan(6);
    expect(checked.filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe('insights', () => {
  const sampleOf = <Name extends InsightName>(name: Name): Insights[Name] =>
    topics[`${name}Analysis`].row.sample as unknown as Insights[Name];
  const names = ['baseload', 'anomaly', 'forecast', 'quality', 'carbon'] as const;

  test.each(names)('%s becomes points that every store takes, once', (name) => {
    const recorder = new Recorder();
    const points = take(recorder.insight(name, sampleOf(name)));
    expect(points.length).toBeGreaterThan(0);
    for (const point of points) expect(checkPoint(point)).toMatchObject({ ok: true });
    expect(recorder.insight(name, sampleOf(name)).points).toEqual([]);
    const older = { ...sampleOf(name), seq: 7 };
    expect(recorder.insight(name, older).points).toEqual([]);
  });

  test('an hour’s forecast is kept as midnight said it, and as it was said last', () => {
    const points = new Recorder().insight('forecast', sampleOf('forecast')).points;
    const hours = points.filter(({ measurement }) => measurement === 'forecast');
    expect(hours.map(({ tags, atMs }) => [tags['issue'], new Date(atMs).toISOString()])).toEqual([
      ['midnight', '2026-03-28T23:00:00.000Z'],
      ['latest', '2026-03-29T01:00:00.000Z'],
    ]);
    expect(points.at(-1)).toMatchObject({ measurement: 'skill', fields: { mase: 0.82 } });
  });

  test('an anomaly that goes on is the same point, seen later', () => {
    const recorder = new Recorder();
    const first = sampleOf('anomaly');
    const later = { ...first, seq: first.seq + 9, at: '2026-03-29T05:00:00.000Z' };
    const [known] = take(recorder.insight('anomaly', first));
    const [seen] = take(recorder.insight('anomaly', later));
    expect([seen!.tags, seen!.atMs]).toEqual([known!.tags, known!.atMs]);
    expect(seen!.fields['lastMs']).toBe(Date.parse(later.at));
  });

  test('the site’s summary holds what it says beside its sums', () => {
    const [point] = new Recorder().site(topics.siteAnalysis.row.sample as SiteAnalysis).points;
    expect(point!.fields).toMatchObject({ autarkyShare: 0.128, standbyW: 182, importTodayWh: 812 });
    expect(checkPoint(point!)).toMatchObject({ ok: true });
  });
});
