/**
 * How long a meter is without results when the analyzer that owns it ends or stands still: the time
 * from kill -9, or SIGSTOP, to the next result, which another replica says. Four meters with a
 * telegram every 100 ms, three analyzers.
 *
 *   BENCH_TAKEOVERS=6 npm run bench takeover
 */
import { measureTakeover, startRig } from '@wattbus/end-to-end';
import { until } from '@wattbus/testing';

const TIMES_EACH = Number(process.env.BENCH_TAKEOVERS ?? 6);
const TELEGRAM_MS = 100;

const rig = await startRig({ seed: 1, store: 'sqlite' });
try {
  const meters = [...rig.meters.values()];
  for (const meter of meters) meter.talk(TELEGRAM_MS);
  await until('telegrams that are heard', () =>
    meters.every(({ said }) => (said.at(-1)?.connection ?? 0) > 0),
  );
  const { afterKillMs, afterFreezeMs } = await measureTakeover(rig, TIMES_EACH);
  for (const [what, times] of [
    ['after kill -9', afterKillMs],
    ['after a freeze', afterFreezeMs],
  ]) {
    const sorted = times.map(Math.round).toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    console.log(`takeover ${what.padEnd(15)} median ${median} ms (${sorted.join(' ')})`);
  }
} finally {
  await rig.stop();
}
