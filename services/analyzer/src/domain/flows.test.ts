import { expect, test } from '@jest/globals';
import type { EnergyAnalysis } from '@wattbus/mqtt-contract';
import fc from 'fast-check';
import { flowsOf } from './flows.js';

interface Flow {
  readonly importWh: number;
  readonly exportWh: number;
}

const startMs = Date.parse('2026-05-31T22:00:00Z');
const sums = (flows: readonly Flow[]): Flow => ({
  importWh: flows.reduce((sum, { importWh }) => sum + importWh, 0),
  exportWh: flows.reduce((sum, { exportWh }) => sum + exportWh, 0),
});

/** A meter whose month is today's quarter-hours and what was before. */
function meterOf(
  role: EnergyAnalysis['role'],
  quarters: readonly (Flow & { estimated?: boolean })[],
  before: Flow = { importWh: 0, exportWh: 0 },
): EnergyAnalysis {
  const today = sums(quarters);
  const span = { from: '2026-05-31T22:00:00.000Z', to: '2026-06-01T22:00:00.000Z' };
  return {
    ...{ v: 1, meter: role, medium: 'electricity', role, epoch: 'e1', seq: 1 },
    at: span.from,
    today: { date: '2026-06-01', ...span, ...today },
    month: { month: '2026-06', ...span, ...sums([today, before]) },
    quarters: quarters.map((flow, i) => ({
      estimated: false,
      ...flow,
      start: new Date(startMs + i * 900_000).toISOString(),
    })),
    coverage: 1,
  };
}

const flow = (importWh: number, exportWh = 0): Flow => ({ importWh, exportWh });

test('what panels made is fed in or used, and the home took what is left', () => {
  const grid = meterOf('grid', [flow(300), flow(0, 500)], flow(2_000, 1_000));
  const pv = meterOf('pv', [flow(0, 100), flow(0, 900)], flow(0, 4_000));
  expect(flowsOf([grid, pv]).flows).toEqual({
    today: {
      productionWh: 1_000,
      loadWh: 800,
      selfConsumptionWh: 500,
      selfConsumptionShare: 0.5,
      autarkyShare: 0.625,
    },
    month: {
      productionWh: 5_000,
      loadWh: 5_800,
      selfConsumptionWh: 3_500,
      selfConsumptionShare: 0.7,
      autarkyShare: 0.6034,
    },
    coverage: 1,
  });
});

test('a battery takes at noon and gives at night', () => {
  const grid = meterOf('grid', [flow(0, 200), flow(100)]);
  const pv = meterOf('pv', [flow(0, 1_000), flow(0)]);
  const battery = meterOf('battery', [flow(600), flow(0, 500)]);
  expect(flowsOf([grid, pv, battery]).flows?.today).toEqual({
    productionWh: 1_000,
    loadWh: 200 + 600,
    selfConsumptionWh: 800,
    selfConsumptionShare: 0.8,
    autarkyShare: 0.875,
  });
});

test('quarter-hours that one meter lacks or estimates count for none', () => {
  const grid = meterOf('grid', [
    flow(100),
    flow(100),
    { ...flow(100), estimated: true },
    flow(100),
  ]);
  const pv = meterOf('pv', [flow(0, 50), flow(0, 50), flow(0, 50)]);
  expect(flowsOf([grid, pv]).flows).toMatchObject({
    today: { productionWh: 100, loadWh: 300 },
    coverage: 0.5,
  });
});

test('without panels and without a battery nothing is said', () => {
  const grid = meterOf('grid', [flow(100)]);
  expect(flowsOf([grid, meterOf('consumer', [flow(50)])])).toEqual({});
  expect(flowsOf([meterOf('pv', [flow(0, 50)])])).toEqual({});
});

test('a meter that is silent since yesterday leaves the balance open', () => {
  const pv = meterOf('pv', [flow(0, 50)]);
  const silent = { ...pv, today: { ...pv.today, date: '2026-05-31' } };
  expect(flowsOf([meterOf('grid', [flow(100)]), silent])).toEqual({});
});

test('whatever flows, no watt-hour is made or lost', () => {
  const any = fc.record({ importWh: fc.nat(5_000), exportWh: fc.nat(5_000) });
  const quarters = fc.array(any, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(quarters, quarters, quarters, (grid, pv, battery) => {
      const meters = [meterOf('grid', grid), meterOf('pv', pv), meterOf('battery', battery)];
      const { today } = flowsOf(meters).flows!;
      const net = ({ importWh, exportWh }: Flow): number => importWh - exportWh;
      expect(today.loadWh).toBe(net(sums(grid)) - net(sums(pv)) - net(sums(battery)));
      expect(today.selfConsumptionWh).toBeGreaterThanOrEqual(0);
      for (const share of [today.selfConsumptionShare, today.autarkyShare]) {
        if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
      }
    }),
  );
});
