import { describe, expect, test } from '@jest/globals';
import { houseValues, slaveReply, type SlaveOptions } from '../../test/modbus-slave.js';
import { at, expectFound, options, trials } from '../../test/detection-trials.js';
import { isSame } from '../detect/evidence.js';
import { chanceOf, type BenchMeter } from '../detect/serial-bench.js';
import type { BusFound, SerialSettings } from '../meter-protocol.js';
import { ModbusSearch } from './bus-search.js';
import { encodeModbusReply } from './encode.js';
import { readRequestPdu, rtuFrame } from './frames.js';
import type { RegisterMap } from './register-map.js';
import { registerMapOf, registerMaps } from './register-maps.js';

/** Runs a search against what answers, without a line in between. */
function search(
  reply: (sent: Uint8Array) => Uint8Array | null,
  units: readonly number[] = [1],
  given = options,
): BusFound | 'nothing' {
  const searching = new ModbusSearch(given, units);
  let bytes: Uint8Array = new Uint8Array(0);
  for (let nowMs = 0; nowMs < 120_000;) {
    const output = searching.step({ nowMs, bytes });
    if (output.outcome !== null) return output.outcome;
    bytes = new Uint8Array(0);
    for (const effect of output.effects) {
      if ('send' in effect) bytes = reply(effect.send) ?? bytes;
    }
    nowMs = bytes.length > 0 ? nowMs + 40 : Math.max(nowMs + 1, output.wakeAtMs);
  }
  throw new Error('the search does not end');
}

const slave = (map: RegisterMap, given: Partial<SlaveOptions> = {}, seed = 1) => {
  const values = houseValues(map, chanceOf(seed));
  const slaveOptions = { unit: 1, strict: true, named: false, ...given };
  return (sent: Uint8Array) => slaveReply(map, values, slaveOptions, sent);
};

const usual: Readonly<Record<string, SerialSettings>> = {
  'abb-b23': at(19_200, '8E1'),
  iem3000: at(19_200, '8E1'),
  'finder-7e': at(19_200),
  sdm120: at(2_400),
  sdm220: at(2_400),
};

const meterOf =
  (map: RegisterMap, settings: SerialSettings) =>
  (seed: number): BenchMeter => {
    const chance = chanceOf(seed * 15_485_863);
    const unit = chance() < 0.85 ? 1 : 2 + Math.floor(chance() * 2);
    const values = houseValues(map, chance);
    const slaveOptions = { unit, strict: chance() < 0.5, named: chance() < 0.5 };
    return {
      answers: (sent, nowMs, asked) => {
        const said = slaveReply(map, values, slaveOptions, sent);
        if (!said || !isSame(asked, settings) || chance() < 0.05) return [];
        const bytes = Uint8Array.from(said);
        if (chance() < 0.05) bytes[Math.floor(chance() * bytes.length)]! ^= 1;
        const sentMs = (sent.length * 11_000) / asked.baudRate;
        return [{ atMs: nowMs + sentMs + 20 + chance() * 100, bytes, settings }];
      },
    };
  };

describe('finds the line, the unit and the map of a meter that nobody has described', () => {
  test.each(registerMaps.map((map) => [map.name, map] as const))('%s', (name, map) => {
    const settings = usual[name] ?? at(9_600);
    const tally = { likeliest: 0, among: 0 };
    expectFound(name, {
      protocol: 'modbus',
      settings,
      meterOf: meterOf(map, settings),
      onFound: ({ bus, telegrams }) => {
        const { registerMap, alsoFits } = bus!;
        if (registerMap === name) tally.likeliest += 1;
        if (registerMap === name || alsoFits.includes(name)) tally.among += 1;
        if (registerMap === name) expect(telegrams[0]!.registers.length).toBeGreaterThan(0);
      },
    });
    const { likeliest, among } = tally;
    console.info(`${name}: the likeliest map in ${likeliest}, among those that fit in ${among}`);
    expect(among).toBeGreaterThanOrEqual(0.9 * trials);
  });
});

describe('a map', () => {
  const byName = (name: string): RegisterMap => registerMapOf({ registerMap: name });

  test('that the meter names is believed', () => {
    for (const name of ['sdm120', 'sdm72', 'sdm72v2', 'sdm630', 'abb-b23', 'iem3000']) {
      const found = search(slave(byName(name), { named: true }));
      expect(found).toMatchObject({ registerMap: name, certainty: 0.98, alsoFits: [] });
    }
  });

  test('that fits as well as another is told beside it, and makes it less sure', () => {
    const found = search(slave(byName('sdm230'))) as BusFound;
    expect([found.registerMap, ...found.alsoFits].sort()).toEqual(['sdm220', 'sdm230']);
    expect(found.certainty).toBeLessThan(0.6);
    expect(found.telegram!.registers.length).toBe(byName('sdm230').registers.length);
  });

  test('that a meter names although its values are none is not taken', () => {
    const map = byName('sdm630');
    const values = { ...houseValues(map, chanceOf(3)), 'Voltage L1': 2_310 };
    const found = search((sent) =>
      slaveReply(map, values, { unit: 1, strict: true, named: true }, sent),
    );
    expect(found).not.toMatchObject({ registerMap: 'sdm630' });
  });

  test('of the user goes before those that are built in', () => {
    const own: RegisterMap = {
      ...byName('sdm630'),
      name: 'cellar',
      registers: byName('sdm630').registers.map((one) => ({ ...one, address: one.address + 0x40 })),
    };
    const found = search(slave(own), [1], { ...options, registerMaps: [own] });
    expect(found).toMatchObject({ registerMap: 'cellar' });
  });

  test('is none where a unit answers with nothing that is known', () => {
    const refusing = (sent: Uint8Array): Uint8Array =>
      rtuFrame(sent[0]!, Uint8Array.of(sent[1]! | 0x80, 2));
    expect(search(refusing)).toMatchObject({ address: '1', registerMap: null, certainty: 0 });
    const zeros = (sent: Uint8Array): Uint8Array | null => {
      const pdu = readRequestPdu(sent.subarray(1, 6));
      if (pdu?.kind !== 'request') return null;
      const data = new Uint8Array(2 * pdu.block.words);
      return encodeModbusReply({ framing: 'rtu', unit: 1 }, pdu.block, data);
    };
    expect(search(zeros)).toMatchObject({ registerMap: null });
  });

  test('is told by the device identification of function 43', () => {
    const objects = ['Schneider Electric', 'iEM3155', 'V1.3'];
    const pdu = [0x2b, 0x0e, 1, 1, 0, 0, objects.length];
    objects.forEach((text, id) => pdu.push(id, text.length, ...Buffer.from(text, 'latin1')));
    const answer = slave(byName('iem3000'));
    const found = search((sent) =>
      sent[1] === 0x2b ? rtuFrame(1, Uint8Array.from(pdu)) : answer(sent),
    );
    expect(found).toMatchObject({ registerMap: 'iem3000', certainty: 0.98 });
  });
});

test('asks the units in turn, and only the one that is stated', () => {
  const map = registerMapOf({ registerMap: 'em24' });
  expect(search(slave(map, { unit: 3 }), [1, 2, 3])).toMatchObject({ address: '3' });
  expect(search(slave(map, { unit: 3 }), [1, 2])).toBe('nothing');
  const stated = { ...options, address: '17' };
  expect(search(slave(map, { unit: 17 }), [1], stated)).toMatchObject({ address: '17' });
});

test('finds a meter behind noise and the echo of its adapter', () => {
  const answer = slave(registerMapOf({ registerMap: 'em340' }));
  const found = search((sent) => {
    const reply = answer(sent);
    return reply && Uint8Array.from([...sent, 0, 0, ...reply, 0]);
  });
  expect(found).toMatchObject({ registerMap: 'em340' });
});

test('speaks Modbus TCP where the address says so', () => {
  const map = registerMapOf({ registerMap: 'sdm630' });
  const answer = slave(map, { unit: 5 });
  const found = search(
    (sent) => {
      const pdu = sent.subarray(7);
      const reply = answer(rtuFrame(sent[6]!, pdu));
      if (!reply) return null;
      const body = reply.subarray(0, -2);
      return Uint8Array.of(sent[0]!, sent[1]!, 0, 0, 0, body.length, ...body);
    },
    [1],
    { ...options, address: 'tcp:5' },
  );
  expect(found).toMatchObject({ address: 'tcp:5', registerMap: 'sdm630' });
});
