import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of a service's process so far, in nanoseconds' steps; 0 where it has ended. */
export function cpuSeconds({ pid }) {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1'))
      .reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e9, 0);
  } catch {
    return 0;
  }
}

/** Resident memory of a process. */
export function memoryMb({ pid }) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1_024;
}
