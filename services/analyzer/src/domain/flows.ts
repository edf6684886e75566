import type { EnergyAnalysis, Flows, SiteAnalysis } from '@wattbus/mqtt-contract';

/** What went over a meter in a span, by its role. */
interface Balance {
  readonly importWh: number;
  readonly exportWh: number;
  readonly productionWh: number;
  /** Of batteries; positive is what they gave. */
  readonly dischargeWh: number;
}

const none: Balance = { importWh: 0, exportWh: 0, productionWh: 0, dischargeWh: 0 };

type Amounts = { readonly importWh?: number | undefined; readonly exportWh?: number | undefined };

/** What a meter adds to the balance: panels and batteries export into the home. */
const shares: Readonly<Partial<Record<string, (amounts: Required<Amounts>) => Partial<Balance>>>> =
  {
    grid: ({ importWh, exportWh }) => ({ importWh: importWh!, exportWh: exportWh! }),
    // What an inverter takes at night is part of what the home takes.
    pv: ({ importWh, exportWh }) => ({ productionWh: exportWh! - importWh! }),
    battery: ({ importWh, exportWh }) => ({ dischargeWh: exportWh! - importWh! }),
  };

/**
 * Self-consumption and autarky of today and of the month, over the quarter-hours of today that
 * all meters have closed and measured: meters speak at different moments, and a balance of
 * different moments is none. Nothing without panels and without a battery.
 */
export function flowsOf(all: readonly EnergyAnalysis[]): Pick<SiteAnalysis, 'flows'> {
  const meters = all.filter(({ medium, role }) => medium === 'electricity' && role in shares);
  const behind = meters.some(({ role }) => role !== 'grid');
  const isGrid = meters.some(({ role }) => role === 'grid');
  if (!behind || !isGrid) return {};
  const [first] = meters;
  const { date } = first!.today;
  // A meter that is silent since yesterday leaves the balance open.
  if (meters.some(({ today }) => today.date !== date)) return {};
  const common = commonQuarters(meters);
  const today = meters.map((meter) => sumOf(meter, quartersAt(meter, common))).reduce(added, none);
  const before = meters.map((meter) => beforeToday(meter)).reduce(added, none);
  const seen = Math.max(...meters.map(({ quarters }) => quarters.length));
  return {
    flows: {
      today: flows(today),
      month: flows(added(before, today)),
      coverage: seen === 0 ? 0 : common.size / seen,
    },
  };
}

type Quarters = EnergyAnalysis['quarters'];

function commonQuarters(meters: readonly EnergyAnalysis[]): ReadonlySet<string> {
  const [first, ...others] = meters.map(
    ({ quarters }) =>
      new Set(quarters.filter(({ estimated }) => !estimated).map(({ start }) => start)),
  );
  return new Set([...first!].filter((start) => others.every((starts) => starts.has(start))));
}

const quartersAt = ({ quarters }: EnergyAnalysis, starts: ReadonlySet<string>): Quarters =>
  quarters.filter(({ start }) => starts.has(start));

const sumOf = ({ role }: EnergyAnalysis, spans: readonly Amounts[]): Balance =>
  spans.map((span) => shareOf(role, span)).reduce(added, none);

/** The month without today, which its closed quarter-hours tell better. */
const beforeToday = ({ role, month, today }: EnergyAnalysis): Balance =>
  shareOf(role, {
    importWh: (month.importWh ?? 0) - (today.importWh ?? 0),
    exportWh: (month.exportWh ?? 0) - (today.exportWh ?? 0),
  });

const shareOf = (role: string, { importWh = 0, exportWh = 0 }: Amounts): Balance => ({
  ...none,
  ...shares[role]!({ importWh, exportWh }),
});

const added = (a: Balance, b: Balance): Balance => ({
  importWh: a.importWh + b.importWh,
  exportWh: a.exportWh + b.exportWh,
  productionWh: a.productionWh + b.productionWh,
  dischargeWh: a.dischargeWh + b.dischargeWh,
});

/**
 * What came into the home and went out of it is equal. Sums of a day or more, not of quarter-hours:
 * what a battery takes at noon and the home at night is used by the home.
 */
function flows({ importWh, exportWh, productionWh, dischargeWh }: Balance): Flows {
  const loadWh = importWh - exportWh + productionWh + dischargeWh;
  const selfConsumptionWh = Math.max(0, Math.min(productionWh, productionWh - exportWh));
  return {
    productionWh,
    loadWh,
    selfConsumptionWh,
    selfConsumptionShare: productionWh > 0 ? share(selfConsumptionWh / productionWh) : null,
    autarkyShare: loadWh > 0 ? share(1 - importWh / loadWh) : null,
  };
}

const share = (value: number): number =>
  Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
