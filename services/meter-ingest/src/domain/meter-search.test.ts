import { describe, expect, test } from '@jest/globals';
import {
  chanceOf,
  encodeAustrianPush,
  encodeBlock,
  encodeDsmr,
  encodeHdlcPush,
  encodeModbusReply,
  encodeSml,
  pushing,
  readRequestPdu,
  registerMapOf,
  registerValuesOf,
  runBench,
  type BenchMeter,
  type Detected,
  type SerialSettings,
  type Telegram,
} from '@wattbus/meter-protocols';
import { Config } from '@wattbus/service-config';
import { knownLineOf, MeterInput, type KnownLine } from './meter-input.js';

const meter = Config.parse({ meters: [{ name: 'main', port: '/dev/null' }] }).meters[0]!;
const options = { standardOffsetMinutes: 60 };
const at = (baudRate: number, parity: SerialSettings['parity'] = 'none'): SerialSettings => ({
  baudRate,
  dataBits: 8,
  parity,
  stopBits: 1,
});

interface Run {
  readonly input: MeterInput;
  readonly found: Detected | null;
  readonly telegrams: readonly Telegram[];
  readonly doings: ReadonlySet<string>;
  readonly ms: number;
}

function run(
  line: BenchMeter,
  known: KnownLine | null,
  isDone: (telegrams: number) => boolean,
  limitMs: number,
): Run {
  const input = new MeterInput(meter, options, { line: known, pulses: null, nowMs: 0 });
  const telegrams: Telegram[] = [];
  const doings = new Set<string>();
  let found: Detected | null = null;
  const { nowMs } = runBench(
    line,
    (now, bytes) => {
      const step = input.step({ nowMs: now, bytes });
      found ??= step.found;
      doings.add(input.doing);
      telegrams.push(...step.results.filter((result): result is Telegram => !('fault' in result)));
      const settings = now === 0 ? [{ settings: input.settings }] : [];
      return { ...step, effects: [...settings, ...step.effects] };
    },
    () => isDone(telegrams.length),
    limitMs,
  );
  return { input, found, telegrams, doings, ms: nowMs };
}

const measured = { powerW: 431, energyImportTariff1Wh: 1_000 };
const energy = [{ obis: '1-0:1.8.0', value: 8_640_002, unit: 'Wh' }];
const time = '2026-07-01T12:00:00+02:00';
const p1 = encodeDsmr({
  variant: '5.0',
  identification: 'ISK5\\2M550T-1012',
  meterId: 'E1',
  at: time,
  standardOffsetMinutes: 60,
  measured,
});

describe('a meter that speaks once a minute is found and then read every minute', () => {
  const kinds = {
    dsmr: { settings: at(115_200), frames: [p1] },
    sml: {
      settings: at(9_600),
      frames: [encodeSml({ serverId: '1EMH0010434630', entries: energy })],
    },
    dlms: {
      settings: at(2_400, 'even'),
      frames: [encodeHdlcPush(encodeAustrianPush(time, energy, '181220000009'))],
    },
  };
  test.each(Object.entries(kinds))('%s', (protocol, kind) => {
    let right = 0;
    const trials = 20;
    for (let seed = 1; seed <= trials; seed += 1) {
      const pushes = pushing({ ...kind, intervalMs: 60_000 }, chanceOf(seed * 3_571));
      const { found, telegrams } = run({ pushes }, null, (count) => count >= 4, 40 * 60_000);
      if (found?.protocol === protocol && telegrams.length >= 4) right += 1;
    }
    expect(right).toBeGreaterThanOrEqual(0.95 * trials);
  });

  test('and what was heard is told meanwhile', () => {
    const pushes = pushing({ ...kinds.dlms, intervalMs: 60_000 }, chanceOf(9));
    const { doings } = run({ pushes }, null, (count) => count > 0, 40 * 60_000);
    expect([...doings].join('\n')).toMatch(/listening at .*; something (spoke|speaks)/);
  });
});

test('all telegrams of the piece that settles the search are read, and the one that goes on', () => {
  const three = Buffer.concat([p1, p1, p1]);
  const input = new MeterInput(meter, options, { line: null, pulses: null, nowMs: 0 });
  input.step({ nowMs: 0, bytes: new Uint8Array(0) });
  const first = input.step({ nowMs: 10, bytes: three.subarray(0, three.length - 40) });
  expect(first.results).toHaveLength(2);
  const rest = input.step({ nowMs: 20, bytes: three.subarray(three.length - 40) });
  expect(rest.results).toHaveLength(1);
});

describe('a Modbus meter that nobody has described', () => {
  const map = registerMapOf({ registerMap: 'em24' });
  const house = { voltageL1V: 231, voltageL2V: 229, voltageL3V: 230, frequencyHz: 50 };
  const powers = { powerL1W: 400, powerL2W: 300, powerL3W: 200, powerW: 900 };
  const currents = { currentL1A: 2, currentL2A: 1.5, currentL3A: 1 };
  const values = {
    ...registerValuesOf(map, { ...house, ...powers, ...currents, energyImportWh: 5_000_500 }),
    'Energy import L1': 5_000.5,
  };
  const answers: BenchMeter['answers'] = (sent, nowMs, asked) => {
    const pdu = readRequestPdu(sent.subarray(1, 6));
    if (asked.baudRate !== 9_600 || asked.parity !== 'none' || sent[0] !== 1) return [];
    if (pdu?.kind !== 'request') return [];
    const known = map.registers.some(
      ({ function: readWith, address }) =>
        readWith === pdu.block.function && address === pdu.block.start,
    );
    const answer = known ? encodeBlock(map, pdu.block, values) : { exception: 2 };
    const bytes = encodeModbusReply({ framing: 'rtu', unit: 1 }, pdu.block, answer);
    return [{ atMs: nowMs + 60, bytes, settings: at(9_600) }];
  };

  test('is found with its unit and map, polled by them, and remembered so', () => {
    const { found, telegrams } = run({ answers }, null, (count) => count >= 3, 120_000);
    expect(found).toMatchObject({
      protocol: 'modbus',
      settings: at(9_600),
      bus: { address: '1', registerMap: 'em24' },
    });
    expect(telegrams.at(-1)!.registers).toHaveLength(telegrams[0]!.registers.length);
    const line = knownLineOf(found!);
    expect(line).toMatchObject({ address: '1', registerMap: 'em24' });
    const again = run({ answers }, line, (count) => count >= 1, 10_000);
    expect(again.ms).toBeLessThan(3_000);
  });

  test('is told where no map fits, and searched for again', () => {
    const refusing: BenchMeter['answers'] = (sent, nowMs, asked) => {
      const pdu = readRequestPdu(sent.subarray(1, 6));
      if (asked.baudRate !== 9_600 || asked.parity !== 'none' || pdu?.kind !== 'request') return [];
      const unit = { framing: 'rtu', unit: 1 } as const;
      if (sent[0] !== 1) return [];
      const bytes = encodeModbusReply(unit, pdu.block, { exception: 2 });
      return [{ atMs: nowMs + 60, bytes, settings: at(9_600) }];
    };
    const { found, doings } = run({ answers: refusing }, null, () => false, 300_000);
    expect(found).toBeNull();
    expect([...doings].join('\n')).toMatch(
      /modbus unit 1 answers at 9600 8N1, but no register map fits; set protocol/,
    );
  });
});
