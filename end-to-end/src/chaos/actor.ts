import type { FaultProxy } from '../fault-proxy.js';
import type { HouseMeter } from '../house-meter.js';
import { planOf, type Fault, type Victims } from './plan.js';
import { sleep, type Victim } from './victim.js';

export interface Stage {
  readonly victims: ReadonlyMap<string, Victim>;
  readonly weights: Victims;
  /** Through which connections go; one of them is picked for a fault of a connection. */
  readonly proxies: readonly FaultProxy[];
  readonly meters: readonly HouseMeter[];
}

/** How many faults of each kind there were. */
export class FaultCounts {
  readonly byKind = new Map<string, number>();
  /** Processes that kill -9 has ended. */
  kills = 0;

  add(kind: string): void {
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1);
  }

  addKill(what: string): void {
    this.kills += 1;
    this.add(`kill -9 ${what}`);
  }
}

/** Inflicts the seed's faults, one after another, for so long; then heals everything. */
export async function act(
  stage: Stage,
  seed: number,
  { forMs, counts }: { readonly forMs: number; readonly counts: FaultCounts },
): Promise<void> {
  /** Victims that something happens to just now, until that is over. */
  const struck = new Map<string, Promise<void>>();
  const endMs = performance.now() + forMs;
  for (const { pauseMs, fault } of planOf(seed, stage.weights)) {
    await sleep(pauseMs);
    if (performance.now() > endMs) break;
    if ('victim' in fault) {
      // Faults of one process follow each other; those of different ones meet.
      if (struck.has(fault.victim)) continue;
      const over = strike(stage.victims.get(fault.victim)!, fault, counts);
      const gone = over.finally(() => struck.delete(fault.victim));
      // Its rejection is met below; until then it must not count as unhandled.
      gone.catch(() => undefined);
      struck.set(fault.victim, gone);
    } else if (fault.kind === 'clock') {
      stage.meters[Math.floor(fault.chance * stage.meters.length)]!.stepClock(fault.byMs);
      counts.add('clock step');
    } else {
      const proxy = stage.proxies[Math.floor(fault.proxyChance * stage.proxies.length)]!;
      if (proxy.inflict(fault.fault, fault.chance)) counts.add(`connection ${fault.fault.kind}`);
    }
  }
  await Promise.all(struck.values());
}

async function strike(
  victim: Victim,
  { kind, victim: name, awayMs, isReady }: Extract<Fault, { victim: string }>,
  counts: FaultCounts,
): Promise<void> {
  if (isReady) await victim.ready();
  if (kind === 'kill') {
    if (await victim.kill()) counts.addKill(name);
    await sleep(awayMs);
    await victim.launch();
  } else {
    if (await victim.freeze()) counts.add(`freeze ${name}`);
    await sleep(awayMs);
    await victim.thaw();
  }
}
