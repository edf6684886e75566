/**
 * SML frames decoded per second on one core: whole frames, a stream in pieces as a port delivers
 * them, and public decoders in the same run: the C library libsml (Debian: libsml-dev), open-sml
 * and smartmeter-obis from npm. All of them check CRCs and scale the values. Energy and power
 * change from frame to frame, as in a real stream.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeSml, measurementsOf, protocolNamed } from '@wattbus/meter-protocols';

/** Many short runs: on a machine with other work some of them are undisturbed. */
const runs = 40;
const runMs = 50;
const libraryRuns = 20;
const libraryFrames = 15_000;
const pieceBytes = 64;
const frames = Array.from({ length: 1_000 }, (_, second) => frameAt(second));
const stream = Buffer.concat(frames);
const require = createRequire(import.meta.url);

const subjects = [
  { name: 'wattbus, whole frames', run: () => wholeFrames(() => {}) },
  { name: 'wattbus, with measurements', run: () => wholeFrames(measurementsOf) },
  { name: `wattbus, pieces of ${pieceBytes} bytes`, run: pieces },
  ...npmPeers(),
];

console.log(
  `SML frames of ${Math.round(stream.length / frames.length)} bytes, best of ${runs} runs`,
);
for (const { name, run } of subjects) print(name, bestOf(run));
const library = libsml();
if (library) print('libsml (C, -O2)', library);

function print(name, perSecond) {
  console.log(
    `${name.padEnd(32)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} frames/s` +
      ` ${(1e6 / perSecond).toFixed(2).padStart(8)} µs/frame`,
  );
}

function bestOf(run) {
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const started = performance.now();
    let done = 0;
    while (performance.now() - started < runMs) {
      run();
      done += frames.length;
    }
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}

function wholeFrames(use) {
  const decoder = protocolNamed('sml').decoder({ standardOffsetMinutes: 60 });
  for (const frame of frames) {
    const [result] = decoder.push(frame);
    if (!result.checked) throw new Error('the decoder refused a good frame');
    use(result);
  }
}

function pieces() {
  const decoder = protocolNamed('sml').decoder({ standardOffsetMinutes: 60 });
  let decoded = 0;
  for (let at = 0; at < stream.length; at += pieceBytes) {
    decoded += decoder.push(stream.subarray(at, at + pieceBytes)).length;
  }
  if (decoded !== frames.length) throw new Error('the decoder missed a frame');
}

function npmPeers() {
  const openSml = optional('open-sml');
  const SmlProtocol = optional('smartmeter-obis/lib/protocols/SmlProtocol.js');
  return [
    openSml && {
      name: 'open-sml (npm)',
      run: () => frames.forEach((frame) => parse(openSml, frame)),
    },
    SmlProtocol && { name: 'smartmeter-obis (npm)', run: () => handleAll(SmlProtocol) },
  ].filter(Boolean);
}

function parse({ SmlFile }, frame) {
  const file = new SmlFile();
  file.parse(Buffer.from(frame));
  const list = file.messages[1].getMessageBody().getValList();
  for (let index = 0; index < list.getLength(); index += 1) {
    const entry = list.getListEntryAt(index);
    if (typeof entry.getValue() === 'number') void (entry.getValue() * 10 ** entry.getScaler());
  }
}

function handleAll(SmlProtocol) {
  let stored = 0;
  const store = (error) => {
    if (error) throw error;
    stored += 1;
  };
  const protocol = new SmlProtocol({ debug: 0, logger: () => {} }, store);
  for (const frame of frames) protocol.handleMessage(Buffer.from(frame));
  if (stored !== frames.length) throw new Error('smartmeter-obis missed a frame');
}

function optional(name) {
  try {
    return require(name);
  } catch {
    console.log(`${name} is not installed: skipped`);
    return null;
  }
}

function libsml() {
  const folder = mkdtempSync(join(tmpdir(), 'libsml-'));
  try {
    const source = fileURLToPath(new URL('./libsml-peer.c', import.meta.url));
    const [program, input] = [join(folder, 'peer'), join(folder, 'frames')];
    execFileSync('cc', ['-O2', '-o', program, source, '-lsml', '-lm'], { stdio: 'ignore' });
    writeFileSync(input, Buffer.concat(frames.flatMap((frame) => [lengthOf(frame), frame])));
    const run = () =>
      Number(execFileSync(program, [input, String(libraryFrames)], { encoding: 'utf8' }));
    return Math.max(...Array.from({ length: libraryRuns }, run));
  } catch (error) {
    console.log(`libsml cannot be built or run here (Debian: apt install libsml-dev): skipped`);
    if (error.status !== undefined && error.stderr?.length) console.log(String(error.stderr));
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lengthOf(frame) {
  return Buffer.from([frame.length & 0xff, frame.length >> 8]);
}

/** What an EMH eHZ sends every two seconds. */
function frameAt(second) {
  const total = 15_338_555.7 + second / 10;
  const energy = { unit: 'Wh', scaler: -1, valueBytes: 5 };
  const time = { secondsIndex: 104_804_149 + second };
  return encodeSml({
    serverId: '1EMH0004321349',
    transaction: 3 * second,
    time,
    entries: [
      { obis: '129-129:199.130.3', value: 'EMH' },
      { obis: '1-0:0.0.9', value: Buffer.from('0901454d48000041f045', 'hex') },
      { obis: '1-0:1.8.0', value: total, status: 0x182, ...energy },
      { obis: '1-0:1.8.1', value: total, ...energy },
      { obis: '1-0:1.8.2', value: 0, ...energy },
      { obis: '1-0:16.7.0', value: 563.5 + (second % 50), unit: 'W', scaler: -1, valueBytes: 4 },
      { obis: '129-129:199.130.5', value: Buffer.alloc(48, 0xe7), time },
    ],
  });
}
