import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';
import type { SerialSettings } from '../meter-protocol.js';
import { Iec62056Conversation, readIntervalMs } from './conversation.js';
import { encodeReadOut, registerLine } from './encode.js';

const options = { standardOffsetMinutes: 60 };
const lines = [registerLine('1.8.0', 285.4, 'kWh')];
const dataMessage = encodeReadOut({ lines, blockCheck: true });

/** A meter on a line: answers what it is sent if the rate is the one that it expects. */
interface MeterOnLine {
  readonly identification: string;
  readonly signOnBaudRate: number;
  /** Rate of the data; null for a meter that answers the sign-on only. */
  readonly dataBaudRate: number | null;
  /** The acknowledgement that it waits for; null where it sends the data at once. */
  readonly acknowledgement: string | null;
  readonly address?: string;
  readonly echoes?: boolean;
  readonly sleeps?: boolean;
}

interface Sent {
  readonly atMs: number;
  readonly text: string;
  readonly baudRate: number;
}

/** Runs a conversation for so long in simulated time. */
function converse(meter: MeterOnLine | null, durationMs: number, address?: string) {
  const conversation = new Iec62056Conversation({ ...options, ...(address ? { address } : {}) });
  const results: (Telegram | Fault)[] = [];
  const sent: Sent[] = [];
  const arriving: { atMs: number; bytes: Uint8Array; baudRate: number }[] = [];
  let settings: SerialSettings | null = null;
  let awake = !meter?.sleeps;
  let steps = 0;
  const reply = (atMs: number, bytes: Uint8Array, baudRate: number): void => {
    arriving.push({ atMs, bytes, baudRate });
  };
  const receive = (nowMs: number, bytes: Uint8Array): void => {
    const text = Buffer.from(bytes).toString('latin1');
    const baudRate = settings!.baudRate;
    sent.push({ atMs: nowMs, text, baudRate });
    if (!meter || baudRate !== meter.signOnBaudRate) return;
    if (/^\0{50,}$/.test(text)) awake = true;
    if (meter.echoes) reply(nowMs + 1, bytes, baudRate);
    if (awake && text === `/?${meter.address ?? ''}!\r\n`) {
      reply(nowMs + 500, Buffer.from(`/${meter.identification}\r\n`, 'latin1'), baudRate);
      if (meter.acknowledgement === null) reply(nowMs + 900, dataMessage, meter.dataBaudRate!);
    }
    if (text === meter.acknowledgement && meter.dataBaudRate !== null) {
      reply(nowMs + 900, dataMessage, meter.dataBaudRate);
    }
  };
  let nowMs = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  while (nowMs <= durationMs) {
    const output = conversation.step({ nowMs, bytes });
    results.push(...output.results);
    for (const effect of output.effects) {
      if ('settings' in effect) settings = effect.settings;
      else receive(nowMs, effect.send);
    }
    expect(output.wakeAtMs).toBeGreaterThan(nowMs);
    expect((steps += 1)).toBeLessThan(10_000);
    arriving.sort((left, right) => left.atMs - right.atMs);
    const next = arriving[0];
    const arrives = next !== undefined && next.atMs <= output.wakeAtMs;
    nowMs = arrives ? Math.max(nowMs, next.atMs) : output.wakeAtMs;
    bytes = new Uint8Array(0);
    if (!arrives) continue;
    arriving.shift();
    // At another rate the port sees something else.
    bytes = next.baudRate === settings?.baudRate ? next.bytes : Uint8Array.of(0xff, 0x80);
  }
  const telegrams = results.filter((result) => !isFault(result));
  return { telegrams, faults: results.filter(isFault), sent };
}

const modeC: MeterOnLine = {
  identification: 'LGZ4ZMF100AC.M27',
  signOnBaudRate: 300,
  dataBaudRate: 4800,
  acknowledgement: '\x06040\r\n',
};

describe('asking a meter', () => {
  test.each<[string, MeterOnLine]>([
    ['mode C changes the rate after the acknowledgement', modeC],
    ['the echo of an optical head is not taken for the answer', { ...modeC, echoes: true }],
    [
      'mode B changes the rate without acknowledgement',
      { ...modeC, identification: 'ABCEx', acknowledgement: null, dataBaudRate: 9600 },
    ],
    [
      'mode A stays at the rate of the sign-on',
      { ...modeC, identification: 'ABC x', acknowledgement: null, dataBaudRate: 300 },
    ],
    [
      'mode E is declined',
      { ...modeC, identification: 'ACE4\\2k260', acknowledgement: '\x06040\r\n' },
    ],
    [
      'a meter or head that does not change the rate is asked to stay',
      { ...modeC, dataBaudRate: 300, acknowledgement: '\x06000\r\n' },
    ],
    ['a battery meter is woken', { ...modeC, sleeps: true }],
    ['a meter that expects the sign-on at 9600 is found', { ...modeC, signOnBaudRate: 9600 }],
  ])('%s', (_name, meter) => {
    const { telegrams, faults } = converse(meter, 55_000);
    expect(faults.filter(({ detail }) => detail.startsWith('the meter'))).toEqual([]);
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]).toMatchObject({
      checked: true,
      registers: [{ obis: '1-0:1.8.0', value: 285.4, unit: 'kWh' }],
    });
  });

  test('the meter is named by its address where several share a line', () => {
    const meter = { ...modeC, address: '12345678' };
    expect(converse(meter, 20_000, '12345678').telegrams).toHaveLength(1);
    expect(converse(meter, 20_000, '99').telegrams).toHaveLength(0);
  });

  test('it is asked once a minute, in the way that worked', () => {
    const { telegrams, sent } = converse({ ...modeC, sleeps: true }, 10 * readIntervalMs);
    expect(telegrams.length).toBeGreaterThanOrEqual(9);
    const requests = sent.filter(({ text }) => text === '/?!\r\n');
    expect(requests.length).toBeLessThanOrEqual(telegrams.length + 3);
  });

  test('the acknowledgement waits for 200 ms, or 20 ms where the meter says so', () => {
    const waited = (identification: string): number => {
      const { sent } = converse({ ...modeC, identification }, 9_000);
      return sent[1]!.atMs - (sent[0]!.atMs + 500);
    };
    expect(waited('LGZ4x')).toBeGreaterThanOrEqual(200);
    expect(waited('LGz4x')).toBeGreaterThanOrEqual(20);
    expect(waited('LGz4x')).toBeLessThan(100);
  });

  test('silence gives one fault a minute and never stops the asking', () => {
    const { telegrams, faults, sent } = converse(null, 60 * readIntervalMs);
    expect(telegrams).toEqual([]);
    expect(faults.length).toBeGreaterThan(30);
    expect(faults.length).toBeLessThanOrEqual(61);
    expect(faults[0]!.detail).toMatch(/does not answer/);
    expect(sent.filter(({ baudRate }) => baudRate === 9600).length).toBeGreaterThan(30);
  });

  test('an answer without data is told from silence', () => {
    const { faults } = converse({ ...modeC, dataBaudRate: null }, 2 * readIntervalMs);
    expect(faults.map(({ detail }) => detail).join()).toMatch(/sends no whole read-out/);
  });
});

test('a meter that pushes its read-out is heard and never asked', () => {
  const conversation = new Iec62056Conversation(options);
  const push = encodeReadOut({ identification: 'EMH5eHZ', lines });
  for (let nowMs = 0; nowMs < 20 * readIntervalMs; nowMs += 2_000) {
    const output = conversation.step({ nowMs, bytes: push });
    expect(output.results).toHaveLength(1);
    expect(output.effects).toEqual([]);
  }
});
