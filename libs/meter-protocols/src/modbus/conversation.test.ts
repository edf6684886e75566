import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { ModbusConversation, readIntervalMs, retryMs } from './conversation.js';
import { encodeBlock, encodeModbusReply, registerValuesOf } from './encode.js';
import { readRequestPdu, type ModbusAddress } from './frames.js';
import { registerMapOf } from './register-maps.js';

const map = registerMapOf({ registerMap: 'sdm630' });
const values = registerValuesOf(map, { powerW: 1_500.5, energyImportWh: 5_000_500 });

interface Meter {
  /** The frame that answers; empty for silence. */
  readonly answer: (request: Uint8Array, turn: number) => Uint8Array;
}

/** A meter of the map, asked on a serial line or over TCP. */
function meterAt(address: ModbusAddress, refusedFrom = Infinity): Meter {
  return {
    answer: (request) => {
      const start = address.framing === 'tcp' ? 7 : 1;
      const unit = request[start - 1];
      const pdu = readRequestPdu(request.subarray(start, start + 5));
      if (unit !== address.unit || pdu?.kind !== 'request') return Uint8Array.of();
      const { block } = pdu;
      const answer =
        block.start >= refusedFrom ? { exception: 2 } : encodeBlock(map, block, values);
      return encodeModbusReply(address, block, answer, (request[0]! << 8) | request[1]!);
    },
  };
}

const serial: ModbusAddress = { framing: 'rtu', unit: 1 };

interface Outcome {
  readonly telegrams: readonly Telegram[];
  readonly faults: readonly Fault[];
  readonly sent: number;
}

function converse(conversation: ModbusConversation, meter: Meter, untilMs: number): Outcome {
  const results: (Telegram | Fault)[] = [];
  let bytes = Uint8Array.of();
  let sent = 0;
  for (let nowMs = 0; nowMs <= untilMs;) {
    const output = conversation.step({ nowMs, bytes });
    results.push(...output.results);
    bytes = Uint8Array.of();
    for (const effect of output.effects) {
      if ('send' in effect) bytes = Uint8Array.from(meter.answer(effect.send, sent++));
    }
    nowMs = bytes.length > 0 ? nowMs + 30 : Math.max(nowMs + 1, output.wakeAtMs);
  }
  return {
    telegrams: results.filter((result): result is Telegram => !isFault(result)),
    faults: results.filter(isFault),
    sent,
  };
}

const conversationWith = (address = '1'): ModbusConversation =>
  new ModbusConversation({ standardOffsetMinutes: 60, address, registerMap: 'sdm630' });

describe('a reading', () => {
  test.each(['1', 'tcp:1'])('at %s is one telegram of all blocks, once a second', (address) => {
    const framing = address === '1' ? 'rtu' : 'tcp';
    const meter = meterAt({ framing, unit: 1 });
    const { telegrams, faults } = converse(conversationWith(address), meter, 10 * readIntervalMs);
    expect(faults).toEqual([]);
    expect(telegrams).toHaveLength(10);
    expect(telegrams[0]).toMatchObject({ checked: framing === 'rtu' });
    expect(telegrams[0]!.registers).toHaveLength(map.registers.length);
    expect(measurementsOf(telegrams[0]!)[0]!.measured).toMatchObject({
      powerW: 1_500.5,
      energyImportWh: 5_000_500,
    });
  });

  test('goes on where a reply was lost, damaged or late', () => {
    const good = meterAt(serial);
    let late = Uint8Array.of();
    const meter: Meter = {
      answer: (request, turn) => {
        const reply = Uint8Array.from(good.answer(request, turn));
        if (turn === 0) return Uint8Array.of();
        if (turn === 2) reply[10]! ^= 4;
        if (turn === 4) {
          late = reply;
          return Uint8Array.of();
        }
        return turn === 5 ? Buffer.concat([late, reply]) : reply;
      },
    };
    const { telegrams } = converse(conversationWith(), meter, 30_000);
    expect(telegrams.length).toBeGreaterThan(10);
    for (const { registers } of telegrams) {
      expect(registers.find(({ obis }) => obis === '1-0:16.7.0')!.value).toBe(1_500.5);
    }
  });

  test('with the echo of an adapter is the same', () => {
    const good = meterAt(serial);
    const meter: Meter = {
      answer: (request, turn) => Buffer.concat([request, good.answer(request, turn)]),
    };
    const { telegrams, faults } = converse(conversationWith(), meter, 3_000);
    expect(telegrams.length).toBeGreaterThan(1);
    expect(faults).toEqual([]);
  });

  test('leaves out the registers that the meter refuses, and says so once', () => {
    const { telegrams, faults } = converse(conversationWith(), meterAt(serial, 0x100), 10_000);
    expect(telegrams.length).toBeGreaterThan(5);
    expect(telegrams[0]!.registers.length).toBeLessThan(map.registers.length);
    expect(faults).toMatchObject([
      { fault: 'unsupported', detail: expect.stringContaining('no registers at these addresses') },
    ]);
  });
});

describe('no reading', () => {
  const silent: Meter = { answer: () => Uint8Array.of() };

  test('is told once a minute while the meter is silent', () => {
    const { telegrams, faults, sent } = converse(conversationWith(), silent, 3_600_000);
    expect(telegrams).toEqual([]);
    expect(faults.length).toBeGreaterThan(50);
    expect(faults.length).toBeLessThan(3_600_000 / retryMs + 1);
    expect(sent).toBe(faults.length * 3 + (sent % 3));
    expect(faults[0]!.detail).toContain('unit 1 does not answer');
  });

  test('is told where the meter refuses everything, and it is asked again', () => {
    const { telegrams, faults } = converse(conversationWith(), meterAt(serial, 0), 150_000);
    expect(telegrams).toEqual([]);
    expect(faults.length).toBeGreaterThan(5);
    expect(faults.at(-1)!.detail).toBe('unit 1 states none of the registers of sdm630');
  });

  test('noise is survived, and the meter found again', () => {
    const conversation = conversationWith();
    const noise = Uint8Array.from({ length: 997 }, (_, index) => (index * 89 + 13) & 0xff);
    for (let nowMs = 0; nowMs < 600_000; nowMs += 100) conversation.step({ nowMs, bytes: noise });
    const meter = meterAt(serial);
    let bytes = Uint8Array.of();
    let found = 0;
    for (let nowMs = 600_000; nowMs < 700_000; nowMs += 10) {
      const output = conversation.step({ nowMs, bytes });
      found += output.results.filter((result) => !isFault(result)).length;
      bytes = Uint8Array.of();
      for (const effect of output.effects) {
        if ('send' in effect) bytes = Uint8Array.from(meter.answer(effect.send, 0));
      }
    }
    expect(found).toBeGreaterThan(10);
  });
});
