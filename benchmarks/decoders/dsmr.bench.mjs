/**
 * P1 telegrams decoded per second on one core: whole telegrams, a stream in pieces as a port
 * delivers them, and a public decoder in the same run. All of them check the CRC. Time, energy,
 * power and voltage change from telegram to telegram, as in a real stream.
 */
import { createRequire } from 'node:module';
import { encodeDsmr, measurementsOf, protocolNamed } from '@wattbus/meter-protocols';

const rounds = 15;
const telegramsPerRun = 10_000;
const pieceBytes = 512;
const telegrams = Array.from({ length: 1_000 }, (_, second) => telegramAt(second));
const texts = telegrams.map((telegram) => Buffer.from(telegram).toString('latin1'));
const stream = Buffer.concat(telegrams);

const peer = optionalRequire('dsmr-parser');

const subjects = [
  { name: 'wattbus, whole telegrams', run: () => wholeTelegrams(() => {}) },
  { name: 'wattbus, with measurements', run: () => wholeTelegrams(measurementsOf) },
  { name: `wattbus, pieces of ${pieceBytes} bytes`, run: pieces },
  ...(peer
    ? [{ name: 'dsmr-parser (npm)', run: () => texts.forEach((text) => peer.parse(text)) }]
    : []),
];

// In turns, so that what else the machine does falls on all of them: read the ratios.
for (const { run } of subjects) perSecondOf(run);
const speeds = subjects.map(() => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, { run }] of subjects.entries()) speeds[index].push(perSecondOf(run));
}
console.log(
  `P1 telegrams of ${Math.round(stream.length / telegrams.length)} bytes, median of ${rounds} rounds`,
);
for (const [index, { name }] of subjects.entries()) {
  const perSecond = medianOf(speeds[index]);
  const megabytes = (perSecond * stream.length) / telegrams.length / 1e6;
  const ratio = medianOf(speeds[index].map((speed, round) => speed / speeds.at(-1)[round]));
  console.log(
    `${name.padEnd(32)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} telegrams/s` +
      ` ${megabytes.toFixed(1).padStart(7)} MB/s` +
      (peer ? ` ${ratio.toFixed(2).padStart(6)} ×` : ''),
  );
}

function perSecondOf(run) {
  const started = performance.now();
  for (let done = 0; done < telegramsPerRun; done += telegrams.length) run();
  return (telegramsPerRun / (performance.now() - started)) * 1_000;
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function wholeTelegrams(use) {
  const decoder = protocolNamed('dsmr').decoder({ standardOffsetMinutes: 60 });
  for (const telegram of telegrams) {
    const [result] = decoder.push(telegram);
    if (!result.checked) throw new Error('the decoder refused a good telegram');
    use(result);
  }
}

function pieces() {
  const decoder = protocolNamed('dsmr').decoder({ standardOffsetMinutes: 60 });
  let count = 0;
  for (let at = 0; at < stream.length; at += pieceBytes) {
    count += decoder.push(stream.subarray(at, at + pieceBytes)).length;
  }
  if (count !== telegrams.length) throw new Error(`${count} results of ${telegrams.length}`);
}

function telegramAt(second) {
  const at = new Date(Date.UTC(2026, 0, 15, 12, 0, second)).toISOString().slice(0, 19) + '+01:00';
  return encodeDsmr({
    variant: '5.0',
    identification: 'WBS5\\2BENCH-3',
    meterId: 'E0000000000000001',
    at,
    standardOffsetMinutes: 60,
    measured: {
      energyImportTariff1Wh: 4_321_098 + second,
      energyImportTariff2Wh: 5_432_109,
      energyExportTariff1Wh: 210_987,
      energyExportTariff2Wh: 1_321_098,
      tariffIndicator: 2,
      powerW: 1_180 + (second % 100),
      powerL1W: 480 + (second % 31),
      powerL2W: 500 + (second % 100),
      powerL3W: 200 + (second % 13),
      voltageL1V: 231.4 + (second % 7) / 10,
      voltageL2V: 229.8 + (second % 5) / 10,
      voltageL3V: 230.1 + (second % 11) / 10,
      currentL1A: 2,
      currentL2A: 3 + (second % 2),
      currentL3A: 1,
      powerFailureCount: 4,
      longPowerFailureCount: 2,
      voltageSagL1Count: 1,
      voltageSagL2Count: 1,
      voltageSagL3Count: 0,
      voltageSwellL1Count: 0,
      voltageSwellL2Count: 0,
      voltageSwellL3Count: 0,
    },
    powerFailures: [{ endedAt: '2025-11-02T03:14:15+01:00', durationS: 1_234 }],
    channels: [
      { channel: 1, deviceType: 3, id: 'G0000000000000001', at, value: 1_234.567, unit: 'm3' },
    ],
  });
}

function optionalRequire(name) {
  try {
    return createRequire(import.meta.url)(name);
  } catch {
    console.log(`${name} is not installed: left out`);
    return null;
  }
}
