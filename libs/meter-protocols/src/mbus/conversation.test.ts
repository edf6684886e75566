import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { MbusConversation, mainsPoweredIntervalMs, readIntervalMs } from './conversation.js';
import { encodeMbus, mbusRecordsOf, type MbusTelegram } from './encode.js';
import { readLongFrame } from '../framing/wired-mbus-frame.js';

const heat: MbusTelegram = {
  address: 5,
  id: '12345678',
  manufacturer: 'WBS',
  version: 3,
  medium: 4,
  records: mbusRecordsOf(4, { heatJ: 5_000_000_000 }),
};
const history: MbusTelegram = {
  ...heat,
  records: [{ value: [0x0e], coding: 'bcd', bytes: 4, count: 4, storage: 1 }],
};

/** A meter on the bus: answers by EN 13757-2, with its telegrams in turn. */
class Meter {
  readonly asked: string[] = [];
  private selected = false;
  private sent = 0;
  private lastBit: boolean | null = null;

  constructor(
    private readonly telegrams: readonly Uint8Array[],
    private readonly address = 5,
    private readonly id = '12345678',
  ) {}

  receive(bytes: Uint8Array): Uint8Array {
    this.asked.push(Buffer.from(bytes).toString('hex'));
    const long = readLongFrame(bytes, 0);
    if (long.kind === 'frame')
      return this.select(Buffer.from(bytes.subarray(long.start, long.end)));
    const [, control, address] = bytes as unknown as [number, number, number];
    const mine =
      address === this.address || address === 0xfe || (this.selected && address === 0xfd);
    if (control === 0x40 && address === 0xfd) this.selected = false;
    if (!mine) return Uint8Array.of();
    if (control === 0x40) {
      this.lastBit = null;
      this.sent = 0;
      return Uint8Array.of(0xe5);
    }
    const bit = (control & 0x20) !== 0;
    if (this.lastBit !== null && bit !== this.lastBit) this.sent += 1;
    this.lastBit = bit;
    return this.telegrams[this.sent % this.telegrams.length]!;
  }

  private select(secondary: Buffer): Uint8Array {
    const wanted = secondary.subarray(0, 4).reverse().toString('hex');
    this.selected = [...wanted].every((digit, index) => digit === 'f' || digit === this.id[index]);
    this.sent = 0;
    this.lastBit = null;
    return this.selected ? Uint8Array.of(0xe5) : Uint8Array.of();
  }
}

interface Outcome {
  readonly telegrams: readonly Telegram[];
  readonly faults: readonly Fault[];
}

/** Runs until `untilMs`; `line` may drop or change what the meter sends. */
function converse(
  conversation: MbusConversation,
  meter: Meter | null,
  untilMs: number,
  line: (bytes: Uint8Array, turn: number) => Uint8Array = (bytes) => bytes,
): Outcome {
  const results: (Telegram | Fault)[] = [];
  let nowMs = 0;
  let bytes = Uint8Array.of();
  for (let turn = 0; nowMs <= untilMs; turn += 1) {
    const output = conversation.step({ nowMs, bytes });
    results.push(...output.results);
    bytes = Uint8Array.of();
    for (const effect of output.effects) {
      if ('send' in effect && meter)
        bytes = Uint8Array.from(line(meter.receive(effect.send), turn));
    }
    nowMs = bytes.length > 0 ? nowMs + 50 : Math.max(nowMs + 1, output.wakeAtMs);
  }
  return {
    telegrams: results.filter((result): result is Telegram => !isFault(result)),
    faults: results.filter(isFault),
  };
}

const conversationWith = (address?: string): MbusConversation =>
  new MbusConversation({ standardOffsetMinutes: 60, ...(address ? { address } : {}) });

describe('addresses', () => {
  const meter = (): Meter => new Meter([encodeMbus(heat)]);

  test.each(['5', undefined, '12345678', '123456FF', '12345678FFFFFFFF'])(
    'a meter is found by %s',
    (address) => {
      const { telegrams, faults } = converse(conversationWith(address), meter(), 5_000);
      expect(telegrams).toHaveLength(1);
      expect(telegrams[0]!.meter.id).toBe('12345678');
      expect(faults).toEqual([]);
    },
  );

  test('a selected meter is asked at 253 after its identification, last digits first', () => {
    const asked = meter();
    converse(conversationWith('12345678'), asked, 1_000);
    expect(asked.asked).toEqual(['1040fd3d16', '680b0b6853fd5278563412ffffffffb216', '107bfd7816']);
  });

  test.each(['251', '12', '1234567', 'G2345678'])('%s is refused unless it is one', (address) => {
    if (Number(address) <= 250) expect(() => conversationWith(address)).not.toThrow();
    else expect(() => conversationWith(address)).toThrow('no M-Bus address');
  });
});

describe('a read-out', () => {
  test('of several telegrams is one, asked for with an alternating bit', () => {
    const meter = new Meter([encodeMbus({ ...heat, moreFollow: true }), encodeMbus(history)]);
    const { telegrams } = converse(conversationWith('5'), meter, 5_000);
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]!.registers.map(({ label }) => label)).toEqual([
      'Energy',
      'Energy, storage 1',
    ]);
    expect(meter.asked.map((hex) => hex.slice(2, 4))).toEqual(['40', '7b', '5b']);
  });

  test('is repeated with the same bit where it was damaged or lost', () => {
    const meter = new Meter([encodeMbus({ ...heat, moreFollow: true }), encodeMbus(history)]);
    const { telegrams } = converse(conversationWith('5'), meter, 20_000, (bytes, turn) => {
      if (turn === 1) return bytes.subarray(0, 10);
      return turn === 2 ? Uint8Array.of() : bytes;
    });
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]!.registers).toHaveLength(2);
  });

  test('comes at the pace of a battery, or of the mains', () => {
    const slow = converse(
      conversationWith('5'),
      new Meter([encodeMbus(heat)]),
      10 * readIntervalMs,
    );
    expect(slow.telegrams).toHaveLength(10);
    const records = mbusRecordsOf(2, { energyImportWh: 5 });
    const electricity = new Meter([encodeMbus({ ...heat, medium: 2, records })]);
    const fast = converse(conversationWith('5'), electricity, 10 * mainsPoweredIntervalMs);
    expect(fast.telegrams).toHaveLength(10);
  });

  test('with its echo on the line is the same', () => {
    const meter = new Meter([encodeMbus(heat)]);
    const echoing = {
      receive: (bytes: Uint8Array) => Buffer.concat([bytes, meter.receive(bytes)]),
    } as unknown as Meter;
    const { telegrams, faults } = converse(conversationWith('12345678'), echoing, 5_000);
    expect(telegrams).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  test('of another meter is not taken', () => {
    const meter = new Meter([encodeMbus({ ...heat, address: 9 })]);
    const { telegrams } = converse(conversationWith('5'), meter, 60_000);
    expect(telegrams).toEqual([]);
  });

  test('that goes on for ever ends', () => {
    const meter = new Meter([encodeMbus({ ...heat, moreFollow: true })]);
    const { telegrams } = converse(conversationWith('5'), meter, 60_000);
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]!.registers).toHaveLength(16);
  });
});

test('a dead meter gives one fault a minute and is found again', () => {
  const conversation = conversationWith('5');
  const dead = converse(conversation, null, 3_600_000);
  expect(dead.telegrams).toEqual([]);
  expect(dead.faults.length).toBeGreaterThan(50);
  expect(dead.faults.length).toBeLessThan(62);
  expect(dead.faults[0]!.detail).toBe(
    'the meter at address 5 does not answer; check address and baud rate',
  );
});

test('noise on the line never stops it', () => {
  const conversation = conversationWith('5');
  const noise = Uint8Array.from({ length: 997 }, (_, index) => (index * 89 + 13) & 0xff);
  for (let nowMs = 0; nowMs < 600_000; nowMs += 100) conversation.step({ nowMs, bytes: noise });
  let found = 0;
  const meter = new Meter([encodeMbus(heat)]);
  let bytes = Uint8Array.of();
  for (let nowMs = 600_000; nowMs < 800_000; nowMs += 50) {
    const output = conversation.step({ nowMs, bytes });
    found += output.results.filter((result) => !isFault(result)).length;
    bytes = Uint8Array.of();
    for (const effect of output.effects) {
      if ('send' in effect) bytes = Uint8Array.from(meter.receive(effect.send));
    }
  }
  expect(found).toBeGreaterThan(0);
});
