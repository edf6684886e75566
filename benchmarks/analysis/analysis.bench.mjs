/**
 * The whole analysis of one meter: microseconds per reading of a DSMR meter (every second and
 * every ten seconds), bytes of its state after sixty days, the cost of saving, loading and of a
 * forecast, and years of history in a minute. The aims are 50 µs and 200 kB.
 * Times are the processor's, so that other work on the machine does not count.
 */
import {
  backtest,
  consumptionForecast,
  initialAnalysis,
  loadAnalysis,
  nextAnalysis,
} from '@wattbus/load-analysis';
import { createCalendar, planOf, Tariff } from '@wattbus/tariffs';

const runs = 3;
const startMs = Date.UTC(2026, 2, 1);
const dayMs = 86_400_000;
const calendar = createCalendar('Europe/Brussels');
const site = {
  calendar,
  plan: planOf(
    Tariff.parse({
      name: 'flat',
      currency: 'EUR',
      components: [
        { id: 'energy', kind: 'flat', direction: 'import', pricePerKWh: 0.3 },
        { id: 'base', kind: 'fixed', per: 'day', amount: 0.4 },
      ],
    }),
  ),
};

const seconds = measure('readings every second, a day', 1, 1);
const tens = measure('readings every ten seconds, ten days', 10, 10);
measure('the same after sixty days', 10, 10, history(60).state);
console.log(`worst mean: ${Math.max(seconds, tens).toFixed(1)} µs per reading (aim 50)`);

const { state, readings, ms } = history(60);
const json = JSON.stringify(state);
console.log(`state after 60 days: ${json.length.toLocaleString('en')} bytes (aim 200,000)`);
timed('save and load', 50, () => loadAnalysis(JSON.parse(JSON.stringify(state)), calendar));
timed('forecast of 48 h', 200, () =>
  consumptionForecast(state.consumption, state.ledger.closedUntilMs, calendar),
);
const years = (60 / 365) * (60_000 / ms);
console.log(
  `history of quarter-hours: ${years.toFixed(1)} years a minute (${readings} in 60 days)`,
);
const hours = 365 * 24;
timed(
  'a year through the forecast alone, per hour',
  1,
  () => backtest(quarters(365), calendar),
  hours,
);

/** Processor time of this process so far. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function measure(name, days, everyS, from = initialAnalysis) {
  const all = [...readingsOf(days, everyS)];
  let best = Infinity;
  let slowest = 0;
  for (let run = 0; run < runs; run += 1) {
    let analysis = from;
    const started = cpuMs();
    for (const reading of all) analysis = nextAnalysis(analysis, reading, site).state;
    best = Math.min(best, cpuMs() - started);
    if (run === runs - 1) slowest = slowestOf(all, from);
  }
  const us = (best * 1000) / all.length;
  console.log(
    `${name.padEnd(40)} ${us.toFixed(1).padStart(6)} µs/reading, slowest ${slowest.toFixed(1)} ms`,
  );
  return us;
}

/** The readings that close a day cost the most. */
function slowestOf(all, from) {
  let analysis = from;
  let slowest = 0;
  for (const reading of all) {
    const started = cpuMs();
    analysis = nextAnalysis(analysis, reading, site).state;
    slowest = Math.max(slowest, cpuMs() - started);
  }
  return slowest;
}

function history(days) {
  let analysis = initialAnalysis;
  let count = 0;
  const started = cpuMs();
  for (const reading of readingsOf(days, 900, startMs - days * dayMs)) {
    analysis = nextAnalysis(analysis, reading, site).state;
    count += 1;
  }
  return { state: analysis, readings: count, ms: cpuMs() - started };
}

function* readingsOf(days, everyS, fromMs = startMs) {
  let energy = 0;
  for (let s = 0; s < days * 86_400; s += everyS) {
    const powerW = powerAt(s);
    energy += (powerW * everyS) / 3600;
    const at = new Date(fromMs + s * 1000).toISOString();
    yield {
      ...{ v: 1, meter: 'main', medium: 'electricity', role: 'grid', epoch: 'e1', seq: s + 1 },
      ...{ at, receivedAt: at, atSource: 'meter', quality: 'checked' },
      powerW,
      energyImportWh: Math.round(energy),
      energyExportWh: 0,
      ...{ powerL1W: powerW / 2, powerL2W: powerW / 4, powerL3W: powerW / 4 },
      ...{ voltageL1V: 230.1, voltageL2V: 231.4, voltageL3V: 229.8 },
      ...{ currentL1A: powerW / 460, currentL2A: powerW / 920, currentL3A: powerW / 920 },
      ...{ powerFailureCount: 3, longPowerFailureCount: 1 },
    };
  }
}

/** A rest, an evening, and a heater that switches every few minutes. */
function powerAt(s) {
  const hour = (s / 3600) % 24;
  const evening = hour >= 17 && hour < 22 ? 900 : 0;
  const heater = Math.floor(s / 240) % 5 === 0 ? 2000 : 0;
  return 180 + evening + heater + ((s * 7919) % 23);
}

function* quarters(days) {
  for (let i = 0; i < days * 96; i += 1) {
    yield { startMs: startMs + i * 900_000, wh: powerAt(i * 900 + 37) / 4, exportWh: 0 };
  }
}

function timed(name, times, run, parts = 1) {
  run();
  const started = cpuMs();
  for (let i = 0; i < times; i += 1) run();
  const us = ((cpuMs() - started) * 1000) / times / parts;
  console.log(`${name.padEnd(44)} ${us.toFixed(1)} µs`);
}
