/**
 * IEC 62056-21 read-outs decoded per second on one core: a pushed one of a dozen lines, and an
 * answered one with a year of history; whole, in pieces, and by smartmeter-obis from npm in the
 * same run, which checks no block check. Values change from read-out to read-out.
 */
import { createRequire } from 'node:module';
import {
  encodeReadOut,
  measurementsOf,
  protocolNamed,
  readOutLinesOf,
  registerLine,
} from '@wattbus/meter-protocols';

/** Many short runs: on a machine with other work some of them are undisturbed. */
const runs = 40;
const runMs = 50;
const readOutsPerStream = 100;
const pieceBytes = 64;
const historyMonths = 15;
const D0Protocol = optional('smartmeter-obis/lib/protocols/D0Protocol.js');

for (const [title, description] of [
  ['pushed', (second) => ({ identification: 'EBZ5DD3BZ06ETA_107', lines: linesAt(second) })],
  ['answered, with history', answered],
]) {
  const readOuts = Array.from({ length: readOutsPerStream }, (_, second) =>
    encodeReadOut(description(second)),
  );
  const stream = Buffer.concat(readOuts);
  console.log(
    `${title}, ${Math.round(stream.length / readOuts.length)} bytes, best of ${runs} runs`,
  );
  const subjects = [
    ['wattbus, whole read-outs', () => whole(readOuts, () => {})],
    ['wattbus, with measurements', () => whole(readOuts, measurementsOf)],
    [`wattbus, pieces of ${pieceBytes} bytes`, () => pieces(stream)],
    ...(D0Protocol ? [['smartmeter-obis (npm)', () => handleAll(readOuts)]] : []),
  ];
  for (const [name, run] of subjects) print(name, bestOf(run));
}

function print(name, perSecond) {
  console.log(
    `  ${name.padEnd(32)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} telegrams/s` +
      ` ${(1e6 / perSecond).toFixed(1).padStart(8)} µs/telegram`,
  );
}

function bestOf(run) {
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const started = performance.now();
    let done = 0;
    while (performance.now() - started < runMs) {
      run();
      done += readOutsPerStream;
    }
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}

function whole(readOuts, use) {
  const decoder = protocolNamed('iec62056-21').decoder({ standardOffsetMinutes: 60 });
  for (const readOut of readOuts) {
    const [result] = decoder.push(readOut);
    if (!result.registers) throw new Error('the decoder refused a good read-out');
    use(result);
  }
}

function pieces(stream) {
  const decoder = protocolNamed('iec62056-21').decoder({ standardOffsetMinutes: 60 });
  let decoded = 0;
  for (let at = 0; at < stream.length; at += pieceBytes) {
    decoded += decoder.push(stream.subarray(at, at + pieceBytes)).length;
  }
  if (decoded !== readOutsPerStream) throw new Error('the decoder missed a read-out');
}

function handleAll(readOuts) {
  let stored = 0;
  const store = (error) => {
    if (error) throw error;
    stored += 1;
  };
  for (const readOut of readOuts) {
    const protocol = new D0Protocol({ debug: 0, logger: () => {}, obisFallbackMedium: 1 }, store);
    let rest = Buffer.from(readOut);
    while (rest && !protocol.isProcessComplete() && protocol.checkMessage(rest)) {
      rest = protocol.handleMessage(rest);
    }
  }
  if (stored !== readOutsPerStream) throw new Error('smartmeter-obis missed a read-out');
}

function linesAt(second) {
  return readOutLinesOf({
    energyImportWh: 5_087_487 + second,
    energyExportWh: 321_098,
    powerW: 236 + (second % 50),
    voltageL1V: 234.2,
    voltageL2V: 235.1,
    voltageL3V: 231.8 + (second % 10) / 10,
    currentL1A: 1.02,
    currentL2A: 0.4,
    currentL3A: 0,
    frequencyHz: 50,
  });
}

function answered(second) {
  const history = Array.from({ length: historyMonths }, (_, month) => [
    registerLine(`1-0:1.8.0*${String(month + 1).padStart(2, '0')}`, 7904.135 - month, 'kWh'),
    registerLine(`1-0:1.8.1*${String(month + 1).padStart(2, '0')}`, 7904.135 - month, 'kWh'),
    {
      address: `1-0:1.6.0*${String(month + 1).padStart(2, '0')}`,
      values: ['02.468*kW', '1703100930'],
    },
  ]);
  const lines = [...linesAt(second), ...history.flat()];
  return { identification: 'ISk5MT174-0001', lines, blockCheck: true };
}

function optional(name) {
  try {
    return createRequire(import.meta.url)(name);
  } catch {
    console.log(`${name} is not installed: skipped`);
    return null;
  }
}
