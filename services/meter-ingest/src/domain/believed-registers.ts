import {
  quantities,
  quantityNames,
  type Measured,
  type Medium,
  type QuantityName,
  type Reading,
} from '@wattbus/energy-model';
import {
  booksOf,
  exchange,
  initialRegister,
  nextRegister,
  type RegisterLimits,
  type RegisterState,
} from '@wattbus/load-analysis';
import type { MeterEvent } from '@wattbus/mqtt-contract';

/** So many readings of the past leave a doubt of before a restart as it was. */
export const RECALLED_READINGS = 4;

/** What is believed of the registers of one meter. */
export interface BelievedRegisters {
  readonly meterId: string | undefined;
  readonly registers: ReadonlyMap<QuantityName, Believed>;
}

interface Believed {
  readonly state: RegisterState;
  /** What is said of it: it falls with an event only. */
  readonly value: number;
}

export const nothingBelieved: BelievedRegisters = { meterId: undefined, registers: new Map() };

/**
 * The values to be said after a reading: a register that fell or jumped keeps what it was until
 * the analysis' rule believes it, by readings that agree or by another serial number; a glitch is
 * never said. The events say why a register falls, and come before it does. That of another serial
 * number is not among them.
 */
export function believe(
  known: BelievedRegisters,
  reading: Reading,
): { known: BelievedRegisters; measured: Measured; events: readonly MeterEvent[] } {
  const { meterId = known.meterId, medium } = reading;
  const isOther = known.meterId !== undefined && meterId !== known.meterId;
  const registers = new Map(known.registers);
  const values: Partial<Record<QuantityName, number>> = {};
  const falls: Fall[] = [];
  for (const quantity of registerNames) {
    const stated = reading[quantity];
    if (stated === undefined) continue;
    const sample = { atMs: Date.parse(reading.at), value: stated, estimated: false };
    const before = registers.get(quantity) ?? { state: initialRegister, value: stated };
    const { state, events } = isOther
      ? exchange(before.state, sample)
      : nextRegister(before.state, sample, limitsOf(quantity, medium));
    const fallen = events.filter(({ from, to }) => to < from);
    if (!isOther) falls.push(...fallen.map((event) => ({ ...event, quantity })));
    const base = state.base?.value ?? stated;
    const value = fallen.length > 0 ? base : Math.max(before.value, base);
    registers.set(quantity, { state, value });
    values[quantity] = value;
  }
  return {
    known: { meterId, registers },
    measured: { ...reading, ...values },
    events: fallEvents(falls, reading),
  };
}

interface Fall {
  readonly event: string;
  readonly quantity: QuantityName;
  readonly from: number;
  readonly to: number;
}

/** One event of each kind, since it is known by its meter, kind and time. */
function fallEvents(falls: readonly Fall[], { meter, at }: Reading): readonly MeterEvent[] {
  return (['rollover', 'replaced'] as const).flatMap((kind): MeterEvent[] => {
    const told = falls.filter(({ event }) => (event === 'rollover') === (kind === 'rollover'));
    if (told.length === 0) return [];
    const detail = told
      .map(({ event, quantity, from, to }) => `${event} of ${quantity}, from ${from} to ${to}`)
      .join('; ');
    return [{ v: 1, meter, at, kind, detail }];
  });
}

const registerNames = quantityNames.filter((name) => quantities[name].kind === 'register');

const limitsOf = (quantity: QuantityName, medium: Medium): RegisterLimits =>
  [booksOf[medium], ...Object.values(booksOf)].find(({ registers }) =>
    registers.some((register) => register.quantity === quantity),
  )?.limits ?? booksOf.electricity.limits;
