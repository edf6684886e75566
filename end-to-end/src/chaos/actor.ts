import type { FaultProxy } from '../fault-proxy.js';
import type { HouseMeter } from '../house-meter.js';
import { planOf, type Fault, type Victims } from './plan.js';

/** A process that faults happen to. */
export interface Victim {
  kill(): Promise<void>;
  /** After a kill. Not waited for until it is ready, so that a start can be killed as well. */
  launch(): Promise<void> | void;
  freeze(): Promise<void> | void;
  thaw(): Promise<void> | void;
}

export interface Stage {
  readonly victims: ReadonlyMap<string, Victim>;
  readonly weights: Victims;
  readonly proxy: FaultProxy;
  readonly meters: readonly HouseMeter[];
}

/** How many faults of each kind there were; `kills` are those after which something must heal. */
export interface FaultCounts {
  readonly kills: number;
  readonly byKind: Readonly<Record<string, number>>;
}

/** Inflicts the seed's faults, one after another, for so long; then heals everything. */
export async function act(stage: Stage, seed: number, forMs: number): Promise<FaultCounts> {
  const byKind: Record<string, number> = {};
  const count = (kind: string): void => void (byKind[kind] = (byKind[kind] ?? 0) + 1);
  /** Victims that are away just now, and until when that lasts. */
  const away = new Map<string, Promise<void>>();
  const endMs = performance.now() + forMs;
  for (const { pauseMs, fault } of planOf(seed, stage.weights)) {
    await sleep(pauseMs);
    if (performance.now() > endMs) break;
    if ('victim' in fault) {
      // Faults of one process follow each other; those of different ones meet.
      if (away.has(fault.victim)) continue;
      count(`${fault.kind} ${fault.victim}`);
      const absence = strike(stage.victims.get(fault.victim)!, fault);
      const gone = absence.finally(() => away.delete(fault.victim));
      // Its rejection is met below; until then it must not count as unhandled.
      gone.catch(() => undefined);
      away.set(fault.victim, gone);
    } else if (fault.kind === 'clock') {
      stage.meters[Math.floor(fault.chance * stage.meters.length)]!.stepClock(fault.byMs);
      count('clock step');
    } else if (stage.proxy.inflict(fault.fault, fault.chance)) {
      count(`connection ${fault.fault.kind}`);
    }
  }
  await Promise.all(away.values());
  return { kills: killsOf(byKind), byKind };
}

async function strike(
  victim: Victim,
  { kind, awayMs }: Extract<Fault, { victim: string }>,
): Promise<void> {
  await (kind === 'kill' ? victim.kill() : victim.freeze());
  await sleep(awayMs);
  await (kind === 'kill' ? victim.launch() : victim.thaw());
}

/** A delay and a step of a clock end nothing. */
const harmless = ['clock step', 'connection delay'];

const killsOf = (byKind: Readonly<Record<string, number>>): number =>
  Object.entries(byKind)
    .filter(([kind]) => !harmless.includes(kind))
    .reduce((sum, [, times]) => sum + times, 0);

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
