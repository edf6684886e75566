/**
 * Modbus RTU replies decoded per second on one core, by a register map, and by a public decoder in
 * the same run, which is given the same replies and reads the same numbers from them. Both check
 * the CRC.
 */
import { createRequire } from 'node:module';
import {
  blocksOf,
  encodeBlock,
  encodeModbusReply,
  encodeModbusRequest,
  measurementsOf,
  protocolNamed,
  registerMapOf,
  registerValuesOf,
} from '@wattbus/meter-protocols';

const runs = 5;
const repliesPerRun = 40_000;
const replies = 1_000;
const address = { framing: 'rtu', unit: 1 };
const peer = optionalRequire('jsmodbus');
/** The checksum is compared by the peer's client, with a package of its own choice. */
const crc = peer && createRequire(createRequire(import.meta.url).resolve('jsmodbus'))('crc');

for (const name of ['sdm120', 'sdm630']) {
  const map = registerMapOf({ registerMap: name });
  const [block] = blocksOf(map);
  const request = encodeModbusRequest(address, block);
  const stream = Array.from({ length: replies }, (_, n) =>
    Buffer.from(encodeModbusReply(address, block, encodeBlock(map, block, valuesAt(map, n)))),
  );
  const registers = map.registers.filter(
    (register) => register.address + 2 <= block.start + block.words,
  );
  const subjects = [
    ['wattbus, request and reply', () => exchanges(name, request, stream, () => {})],
    ['wattbus, with measurements', () => exchanges(name, request, stream, measurementsOf)],
    ...(peer ? [['jsmodbus (npm), replies', () => byPeer(stream, registers)]] : []),
  ];
  const what = `${name}: replies of ${stream[0].length} bytes, ${registers.length} registers`;
  console.log(`${what}, best of ${runs} runs`);
  for (const [subject, run] of subjects) {
    const perSecond = bestOf(run);
    console.log(
      `${subject.padEnd(32)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} replies/s` +
        ` ${(1e6 / perSecond).toFixed(2).padStart(7)} µs/reply`,
    );
  }
}

function bestOf(run) {
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const started = performance.now();
    let done = 0;
    for (; done < repliesPerRun; done += replies) run();
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}

function exchanges(registerMap, request, stream, use) {
  const options = { standardOffsetMinutes: 60, registerMap, address: '1' };
  const decoder = protocolNamed('modbus').decoder(options);
  for (const reply of stream) {
    decoder.push(request);
    const [telegram] = decoder.push(reply);
    if (!telegram.checked) throw new Error('the decoder refused a good reply');
    use(telegram);
  }
}

function byPeer(stream, registers) {
  for (const reply of stream) {
    const response = peer.ModbusRTUResponse.fromBuffer(reply);
    const payload = Buffer.concat([reply.subarray(0, 1), response.body.createPayload()]);
    if (response.crc !== crc.crc16modbus(payload)) throw new Error('the peer refused a good reply');
    const data = response.body.valuesAsBuffer;
    registers.map(({ name, address: at, unit }) => ({
      name,
      value: data.readFloatBE(2 * at),
      unit,
    }));
  }
}

function valuesAt(map, n) {
  return registerValuesOf(map, {
    powerW: 1_180 + n,
    voltageL1V: 231.4 + (n % 7) / 10,
    currentL1A: 2.5,
    energyImportWh: 4_321_098 + n,
    energyExportWh: 12_345,
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
