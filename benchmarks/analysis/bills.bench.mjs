/**
 * What a grid meter costs a replica besides its readings: the messages of its cost and its bill,
 * made anew whenever a quarter-hour closes, and that of its cost with every reading between. By
 * tariff, in milliseconds of the processor; the aim is 5 ms a quarter-hour for both together.
 */
import { meterResults, nextMeterState } from '@wattbus/analyzer';
import { priceCost } from '@wattbus/load-analysis';
import { topics } from '@wattbus/mqtt-contract';
import { loadTariffPlan } from '@wattbus/service-config';
import { createCalendar } from '@wattbus/tariffs';

const quarterMs = 900_000;
const dayMs = 96 * quarterMs;
const historyDays = 45;
const measuredDays = 3;
const zones = { 'kepco-residential-low-voltage': 'Asia/Seoul', 'us-tiered': 'America/New_York' };
const names = [
  'flanders-antwerpen',
  'germany-module-3',
  'netherlands-dynamic',
  'france-tempo',
  'uk-agile',
  'norway-elvia',
  'italy',
  'kepco-residential-low-voltage',
  'us-tiered',
];
const resultOf = (topic) => meterResults.find((one) => one.topic === topic);
const cost = resultOf(topics.costAnalysis);
const bill = resultOf(topics.billAnalysis);

console.log('tariff                          quarter-hour: cost, bill   slowest bill   open cost');
for (const name of names) await measure(name);

async function measure(name) {
  const zone = zones[name] ?? 'Europe/Brussels';
  const site = {
    calendar: createCalendar(zone),
    plan: await loadTariffPlan([{ use: name }]),
    nominalVoltageV: 230,
  };
  const endMs = Date.UTC(2026, 2, 24);
  const startMs = endMs - (historyDays + measuredDays) * dayMs;
  let state = null;
  let spent = { cost: 0, bill: 0, open: 0 };
  let [quarters, opens, slowest] = [0, 0, 0];
  for (const reading of readings(startMs, endMs)) {
    state = nextMeterState(state, reading, site).state;
    const atMs = Date.parse(reading.at);
    if ((atMs - startMs) % dayMs === 0) state = priced(state, startMs, atMs);
    if (atMs < startMs + historyDays * dayMs) continue;
    const isEdge = atMs % quarterMs === 0;
    const ofCost = timed(() => cost.textOf(state, site));
    if (!isEdge) {
      spent.open += ofCost;
      opens += 1;
      continue;
    }
    const ofBill = timed(() => bill.textOf(state, site));
    spent.cost += ofCost;
    spent.bill += ofBill;
    slowest = Math.max(slowest, ofBill);
    quarters += 1;
  }
  const ms = (sum, count) => (sum / count).toFixed(2).padStart(7);
  console.log(
    `${name.padEnd(34)} ${ms(spent.cost, quarters)} ${ms(spent.bill, quarters)} ms` +
      `   ${slowest.toFixed(1).padStart(8)} ms ${ms(spent.open, opens)} ms`,
  );
}

/** A reading at each edge, and three between as those of a minute's display. */
function* readings(startMs, endMs) {
  let [importWh, exportWh, seq] = [1_000_000, 1_000, 0];
  for (let ms = startMs; ms <= endMs; ms += quarterMs / 4) {
    const at = new Date(ms).toISOString();
    const hour = (ms / 3_600_000) % 24;
    const powerW = 200 + ((ms / quarterMs) % 7) * 40 + (hour > 17 && hour < 21 ? 900 : 0);
    yield {
      ...{ v: 1, meter: 'main', medium: 'electricity', role: 'grid', epoch: 'e1', seq: (seq += 1) },
      ...{ at, receivedAt: at, atSource: 'meter', quality: 'checked', powerW },
      ...{ energyImportWh: importWh, energyExportWh: exportWh },
    };
    importWh += Math.round(powerW / 16);
    if (hour > 10 && hour < 14) exportWh += 60;
  }
}

/** Prices of the market as they come at noon: those of tomorrow. */
function priced(state, startMs, atMs) {
  const slots = [];
  for (let ms = startMs - 8 * dayMs; ms < atMs + 1.5 * dayMs; ms += quarterMs) {
    const price = Math.round((0.09 + 0.11 * Math.sin(ms / 9e6)) * 1e5) / 1e5;
    slots.push({ startMs: ms, endMs: ms + quarterMs, price });
  }
  const { state: cost } = priceCost(state.analysis.cost, 'import', slots, atMs);
  return { ...state, analysis: { ...state.analysis, cost } };
}

function timed(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
