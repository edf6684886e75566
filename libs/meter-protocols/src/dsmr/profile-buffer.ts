import type { Register } from '@wattbus/energy-model';
import { groupsOf, named, quantityOf, type LineReader } from './data-line.js';
import type { ObjectName } from './object-names.js';
import { isTimeShaped, p1Instant, type P1Clock } from './p1-time.js';

/**
 * A profile buffer: `name(entries)(object)(object)…(time)(value)(time)(value)…`, as the power
 * failure log 1-0:99.97.0 (DSMR P1 5.0.2, §6.12) and the Belgian monthly peaks 0-0:98.1.0
 * (e-MUCS P1, §4.5), where each entry has two times: the end of the month and of the peak.
 *
 * Gives one register per value, its label naming the captured object and `at` being the entry's
 * last time. The stated number of entries is no check: meters are known to state it wrongly.
 */
export const readProfile: LineReader = (line, clock) => {
  const groups = groupsOf(line);
  if (!groups) return null;
  let index = 0;
  while (index < groups.length && !isTimeShaped(groups[index]!)) index += 1;
  const objects = groups.slice(1, index);
  const registers: Register[] = [];
  while (index < groups.length) {
    const times = runFrom(groups, index, true);
    const values = runFrom(groups, index + times.length, false);
    index += times.length + values.length;
    const entry = readEntry({ name: line.name, objects, times, values }, clock);
    if (!entry) return null;
    registers.push(...entry);
  }
  return registers;
};

interface Entry {
  readonly name: ObjectName;
  readonly objects: readonly string[];
  readonly times: readonly string[];
  readonly values: readonly string[];
}

function readEntry({ name, objects, times, values }: Entry, clock: P1Clock): Register[] | null {
  const at = p1Instant(times.at(-1)!, clock);
  const until = times.length > 1 ? p1Instant(times[0]!, clock) : null;
  const registers: Register[] = [];
  for (const [position, content] of values.entries()) {
    const object = objects[objects.length - values.length + position] ?? String(position + 1);
    const quantity = quantityOf(content);
    if (!quantity) return null;
    registers.push({
      ...named(name, quantity),
      label: until === null ? object : `${object} until ${until}`,
      ...(at === null ? {} : { at }),
    });
  }
  return registers;
}

function runFrom(groups: readonly string[], start: number, times: boolean): readonly string[] {
  let end = start;
  while (end < groups.length && isTimeShaped(groups[end]!) === times) end += 1;
  return groups.slice(start, end);
}
