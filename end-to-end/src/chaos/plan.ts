import { seededRandom } from '@wattbus/energy-model';
import type { ConnectionFault } from '../fault-proxy.js';

export type Fault =
  /** kill -9, and a new start after `awayMs`; or SIGSTOP, and SIGCONT after `awayMs`. */
  | {
      readonly kind: 'kill' | 'freeze';
      readonly victim: string;
      readonly awayMs: number;
      /** Not before it takes part; else whatever it does, such as starting. */
      readonly isReady: boolean;
    }
  | {
      readonly kind: 'connection';
      readonly fault: ConnectionFault;
      readonly proxyChance: number;
      readonly chance: number;
    }
  | { readonly kind: 'clock'; readonly chance: number; readonly byMs: number };

/** The next fault, and how long after the one before it. */
export interface Planned {
  readonly pauseMs: number;
  readonly fault: Fault;
}

/** How often each process is the victim, relative to the others. */
export type Victims = Readonly<Record<string, number>>;

/** Mean of the pauses, which are spread from almost nothing to twice as much. */
const PAUSE_MS_MEAN = 300;
/** Meters know whole seconds only. */
const CLOCK_STEP_S_MAX = 3_600;

/** Shares of all faults; the rest are faults of connections. */
const SHARE_OF_KILLS = 0.4;
const SHARE_OF_FREEZES = 0.12;
const SHARE_OF_CLOCK_STEPS = 0.06;
/** Of kills and freezes: those of a process that does its work. */
const SHARE_READY = 0.8;

/** The same faults in the same order for the same seed, without end. */
export function* planOf(seed: number, victims: Victims): Generator<Planned, never> {
  const chance = seededRandom(seed);
  const between = (from: number, to: number): number => Math.round(from + chance() * (to - from));
  for (;;) {
    const pauseMs = between(10, 2 * PAUSE_MS_MEAN);
    const kind = chance();
    if (kind < SHARE_OF_KILLS) {
      const victim = pick(victims, chance());
      // Mostly back at once, as under a supervisor; sometimes away for long enough to be missed.
      const awayMs = chance() < 0.85 ? between(0, 300) : between(300, 6_000);
      const isReady = chance() < SHARE_READY;
      yield { pauseMs, fault: { kind: 'kill', victim, awayMs, isReady } };
    } else if (kind < SHARE_OF_KILLS + SHARE_OF_FREEZES) {
      const victim = pick(victims, chance());
      const awayMs = chance() < 0.7 ? between(50, 1_500) : between(1_500, 7_000);
      const isReady = chance() < SHARE_READY;
      yield { pauseMs, fault: { kind: 'freeze', victim, awayMs, isReady } };
    } else if (kind < SHARE_OF_KILLS + SHARE_OF_FREEZES + SHARE_OF_CLOCK_STEPS) {
      const byMs = 1_000 * between(-CLOCK_STEP_S_MAX, CLOCK_STEP_S_MAX);
      yield { pauseMs, fault: { kind: 'clock', chance: chance(), byMs } };
    } else {
      const fault = connectionFault(chance(), between(500, 5_000));
      const proxyChance = chance();
      yield { pauseMs, fault: { kind: 'connection', fault, proxyChance, chance: chance() } };
    }
  }
}

function connectionFault(chance: number, forMs: number): ConnectionFault {
  if (chance < 0.65) return { kind: 'reset' };
  if (chance < 0.75) return { kind: 'half-open' };
  return { kind: 'delay', delayMs: 200, forMs };
}

function pick(victims: Victims, chance: number): string {
  const names = Object.keys(victims);
  const sum = names.reduce((total, name) => total + victims[name]!, 0);
  let rest = chance * sum;
  return names.find((name) => (rest -= victims[name]!) < 0) ?? names.at(-1)!;
}
