/**
 * M-Bus telegrams of heat, water and electricity meters decoded per second on one core. What npm
 * has for M-Bus is a binding that needs a bus, so there is no peer to run.
 */
import { encodeMbus, mbusRecordsOf, measurementsOf, protocolNamed } from '@wattbus/meter-protocols';

const runs = 5;
const telegramsPerRun = 40_000;
const telegrams = 1_000;
const meter = { address: 5, id: '12345678', manufacturer: 'WBS', version: 3 };

const months = Array.from({ length: 13 }, (_, index) => ({
  value: [0x0e],
  coding: 'bcd',
  bytes: 4,
  count: 5_000 - 300 * index,
  storage: index + 1,
}));
const subjects = [
  ['water', (n) => ({ ...meter, medium: 7, records: mbusRecordsOf(7, { volumeL: 12_565 + n }) })],
  ['heat', (n) => ({ ...meter, medium: 4, records: heatRecords(n) })],
  [
    'heat with 13 months',
    (n) => ({ ...meter, medium: 4, records: [...heatRecords(n), ...months] }),
  ],
  ['electricity', (n) => ({ ...meter, medium: 2, records: electricityRecords(n) })],
];

console.log(`M-Bus telegrams, best of ${runs} runs`);
for (const [name, describe] of subjects) {
  const stream = Array.from({ length: telegrams }, (_, n) => encodeMbus(describe(n)));
  const perSecond = bestOf(stream);
  console.log(
    `${name.padEnd(24)} ${String(stream[0].length).padStart(4)} bytes` +
      ` ${Math.round(perSecond).toLocaleString('en').padStart(9)} telegrams/s` +
      ` ${(1e6 / perSecond).toFixed(2).padStart(7)} µs/telegram, with measurements`,
  );
}

function bestOf(stream) {
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const decoder = protocolNamed('mbus').decoder({ standardOffsetMinutes: 60 });
    const started = performance.now();
    let done = 0;
    for (; done < telegramsPerRun; done += stream.length) {
      for (const frame of stream) {
        const [telegram] = decoder.push(frame);
        if (!telegram.checked) throw new Error('the decoder refused a good telegram');
        measurementsOf(telegram);
      }
    }
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}

function heatRecords(n) {
  return mbusRecordsOf(4, {
    heatJ: 5_020_000_000 + n * 1_000_000,
    volumeL: 12_560 + 10 * n,
    heatPowerW: 1_230,
    volumeFlowLPerH: 120 + (n % 50),
    flowTemperatureC: 60.5,
    returnTemperatureC: 41.2,
  });
}

function electricityRecords(n) {
  return mbusRecordsOf(2, {
    energyImportWh: 5_432_101 + n,
    energyExportWh: 12_345,
    powerW: -250 + (n % 500),
    voltageL1V: 231.4,
    currentL1A: 1.25,
  });
}
