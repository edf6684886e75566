import type { LocalSpan } from './calendar.js';
import {
  isFault,
  isValidOn,
  type BillFault,
  type Billing,
  type ChargeGroup,
  type Line,
  type PeriodCharge,
  type Surroundings,
} from './component.js';
import { kindOf, type Component } from './component-kinds.js';
import { exact, isZero, minus, plus, sumOf, times, zero, type Exact } from './exact.js';
import type { Part, Period, Segment } from './period.js';
import { periodOf, periodsOf } from './period-of-usage.js';
import { rounded, toCoin, type Rounding } from './rounding.js';
import type { Tariff } from './tariff.js';
import type { Usage } from './usage.js';

export interface BillLine {
  readonly id: string;
  readonly title: string;
  /** In the smallest coin. */
  readonly amount: Exact;
}

/** A bill as the supplier writes it: the lines add up to the total. */
export interface Bill {
  readonly currency: string;
  readonly lines: readonly BillLine[];
  readonly total: Exact;
  /**
   * With VAT, to the last fraction: what the lines are for. A rule that rounds the whole bill
   * counts among what is fixed; where there is none, the total is this sum to the coin.
   */
  readonly groups: Readonly<Record<ChargeGroup, Exact>>;
  /** A price of the market is not known yet, and a likely one stands for it. */
  readonly provisional: boolean;
}

/**
 * Reckons what is due for a period. Lines are net of VAT, which has lines of its own; only a rule
 * of the tariff rounds a line before it counts. The total is that of the exact amounts, and a line
 * `rounding` says what the lines as written differ from it. Lines of nothing are left out.
 */
export function billOf(tariff: Tariff, usage: Usage, around: Surroundings): Bill | BillFault {
  const parts = periodsOf(tariff, usage, around.calendar);
  return billOfParts(
    tariff,
    parts.map((part) => periodOf(tariff, part, around.calendar)),
    around,
  );
}

/** The bill of a time that is several billing periods, or one. */
export function billOfParts(
  tariff: Tariff,
  parts: readonly Period[],
  around: Surroundings,
): Bill | BillFault {
  const bills: Bill[] = [];
  for (const part of parts) {
    const bill = billOfPeriod(tariff, part, around);
    if ('fault' in bill) return bill;
    bills.push(bill);
  }
  const [first] = bills;
  return bills.length === 1 && first ? first : sumOfBills(bills, tariff.currency);
}

function billOfPeriod(tariff: Tariff, period: Period, around: Surroundings): Bill | BillFault {
  const uncovered = firstDayWithout(tariff, period);
  if (uncovered) return { fault: 'not-covered', day: uncovered };
  const lines = new Map<string, TaxedLine>();
  const billing: Billing = { ...around, period, lines };
  const isExact = period.isExact ?? false;
  let provisional = false;
  for (const [id, parts] of partsOf(tariff, period.segments)) {
    if (parts.length === 0) continue;
    const charge = chargeOf(parts, billing);
    if (isFault(charge)) return charge;
    provisional ||= charge.estimated ?? false;
    for (const replaced of charge.replaces ?? []) {
      const line = lines.get(replaced);
      if (line) lines.set(replaced, { ...line, rounded: zero, bySegment: new Map(), vat: [] });
    }
    lines.set(id, lineOf(parts, charge, { tariff, isExact }));
  }
  return written(lines, tariff, { isExact, provisional });
}

/** The charge of a line, whose kind may change with the version of the tariff. */
function chargeOf(parts: readonly Part<Component>[], billing: Billing): PeriodCharge | BillFault {
  const [kind] = parts.map(({ component }) => component.kind);
  const own = parts.filter(({ component }) => component.kind === kind);
  const charge = kindOf((own[0] as Part<Component>).component).chargeOfPeriod(own, billing);
  const others = parts.filter(({ component }) => component.kind !== kind);
  if (isFault(charge) || others.length === 0) return charge;
  const rest = chargeOf(others, billing);
  if (isFault(rest)) return rest;
  const amounts = [...charge.amounts];
  const restAmounts = [...rest.amounts];
  return {
    ...rest,
    ...charge,
    estimated: (charge.estimated ?? false) || (rest.estimated ?? false),
    amounts: parts.map(
      ({ component }) => (component.kind === kind ? amounts : restAmounts).shift() ?? zero,
    ),
  };
}

interface TaxedLine extends Line {
  readonly title: string;
  readonly group: ChargeGroup;
  readonly vat: readonly { readonly rate: number; readonly amount: Exact }[];
}

/** The first day of the period that the tariff does not cover, if any. */
function firstDayWithout({ validFrom, validTo }: Tariff, { days }: Period): string | null {
  const [first, last] = [days[0]!.name, days.at(-1)!.name];
  if (validFrom !== undefined && first < validFrom) return first;
  return validTo !== undefined && last >= validTo ? last : null;
}

/** What counts in which segments, by line and in the order of the tariff. */
function partsOf(
  { components }: Tariff,
  segments: readonly Segment[],
): Map<string, Part<Component>[]> {
  const parts = new Map<string, Part<Component>[]>();
  for (const { id } of components) parts.set(id, []);
  for (const segment of segments) {
    for (const component of validIn(segment, components)) {
      parts.get(component.id)?.push({ component, segment });
    }
  }
  return parts;
}

/** Of the days of a segment, which are those of one tariff. */
const valid = new WeakMap<readonly LocalSpan[], readonly Component[]>();

function validIn({ days }: Segment, components: readonly Component[]): readonly Component[] {
  const known =
    valid.get(days) ?? components.filter((component) => isValidOn(component, days[0]!.name));
  valid.set(days, known);
  return known;
}

function lineOf(
  parts: readonly Part<Component>[],
  { amounts }: PeriodCharge,
  { tariff, isExact }: { readonly tariff: Tariff; readonly isExact: boolean },
): TaxedLine {
  const { component: last } = parts.at(-1) as Part<Component>;
  const { id, title, rounding: own } = last;
  const rounding: Rounding = isExact ? 'none' : (own ?? tariff.rounding ?? 'none');
  const sum = sumOf(amounts);
  const amount = rounded(sum, rounding);
  const bySegment = new Map<Segment, Exact>();
  const vat = parts.map(({ component, segment }, i) => {
    const net = amounts[i] ?? zero;
    bySegment.set(segment, plus(bySegment.get(segment) ?? zero, net));
    // VAT is on what the line says: the first part takes what rounding has changed.
    const taxed = i === 0 ? plus(net, minus(amount, sum)) : net;
    const rate = component.vat ?? tariff.vat;
    return { rate, amount: times(taxed, exact(rate)) };
  });
  const group = kindOf(last).group(last);
  return { title: title ?? id, group, rounding, rounded: amount, bySegment, vat };
}

/** The bill as it is written; its lines when they are asked for, since sums often are all. */
function written(
  lines: ReadonlyMap<string, TaxedLine>,
  { currency, totalRounding: ofTotal }: Tariff,
  { isExact, provisional }: { readonly isExact: boolean; readonly provisional: boolean },
): Bill {
  const totalRounding = isExact ? 'none' : ofTotal;
  const vatByRate = new Map<number, Exact>();
  for (const { vat } of lines.values()) {
    for (const { rate, amount } of vat) {
      if (rate !== 0) vatByRate.set(rate, plus(vatByRate.get(rate) ?? zero, amount));
    }
  }
  const exactTotal = sumOf([
    ...[...lines.values()].map((line) => line.rounded),
    ...vatByRate.values(),
  ]);
  const total = toCoin(totalRounding ? rounded(exactTotal, totalRounding) : exactTotal, currency);
  let made: readonly BillLine[] | null = null;
  return {
    currency,
    get lines() {
      made ??= linesOf(lines, vatByRate, { currency, total });
      return made;
    },
    total,
    groups: groupsOf(lines, (totalRounding ?? 'none') === 'none' ? zero : minus(total, exactTotal)),
    provisional,
  };
}

/** The lines in whole coins, VAT by rate, and what rounding makes. */
function linesOf(
  lines: ReadonlyMap<string, TaxedLine>,
  vatByRate: ReadonlyMap<number, Exact>,
  { currency, total }: Pick<Bill, 'currency' | 'total'>,
): readonly BillLine[] {
  const bill = [
    ...[...lines].map(([id, { title, rounded: amount }]) => ({ id, title, amount })),
    ...[...vatByRate].map(([rate, amount]) => {
      const percent = String(Number((rate * 100).toFixed(4)));
      return { id: `vat-${percent}`, title: `VAT ${percent} %`, amount };
    }),
  ]
    .map((line) => ({ ...line, amount: toCoin(line.amount, currency) }))
    .filter(({ amount }) => !isZero(amount));
  const difference = minus(total, sumOf(bill.map(({ amount }) => amount)));
  const rest = { id: ROUNDING_ID, title: 'Rounding', amount: difference };
  return isZero(difference) ? bill : [...bill, rest];
}

function groupsOf(lines: ReadonlyMap<string, TaxedLine>, rounding: Exact): Bill['groups'] {
  const sums = { import: zero, export: zero, fixed: rounding };
  for (const { group, rounded: net, vat } of lines.values()) {
    sums[group] = plus(sums[group], plus(net, sumOf(vat.map(({ amount }) => amount))));
  }
  return sums;
}

/** The line that says by how much the lines as written miss the total. */
const ROUNDING_ID = 'rounding';

function sumOfBills(bills: readonly Bill[], currency: string): Bill {
  const lines = new Map<string, BillLine>();
  for (const line of bills.flatMap((bill) => bill.lines)) {
    const known = lines.get(line.id);
    lines.set(line.id, known ? { ...line, amount: plus(known.amount, line.amount) } : line);
  }
  const rest = lines.get(ROUNDING_ID);
  if (rest) {
    lines.delete(ROUNDING_ID);
    if (!isZero(rest.amount)) lines.set(ROUNDING_ID, rest);
  }
  return {
    currency,
    lines: [...lines.values()],
    total: sumOf(bills.map(({ total }) => total)),
    groups: {
      import: sumOf(bills.map(({ groups }) => groups.import)),
      export: sumOf(bills.map(({ groups }) => groups.export)),
      fixed: sumOf(bills.map(({ groups }) => groups.fixed)),
    },
    provisional: bills.some(({ provisional }) => provisional),
  };
}
