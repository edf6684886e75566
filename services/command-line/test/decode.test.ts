import { describe, expect, test } from '@jest/globals';
import { encodeReadOut, encodeSml, encodeTic, registerLine } from '@wattbus/meter-protocols';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;

const wattbus = (args: readonly string[], input?: Uint8Array) => {
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    ...(input ? { input: Buffer.from(input) } : {}),
  });
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status, lines };
};

/** Decodes a file of this name with these bytes. */
function decodeFile(name: string, content: Uint8Array | string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'wattbus-decode-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, content);
    return wattbus(['decode', ...args, file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sml = encodeSml({
  serverId: '1EMH0000000001',
  entries: [{ obis: '1-0:1.8.0', value: 5, unit: 'Wh' }],
});
const smlLine = {
  protocol: 'sml',
  meter: { id: '1EMH0000000001', manufacturer: 'EMH' },
  at: null,
  registers: expect.arrayContaining([{ obis: '1-0:1.8.0', value: 5, unit: 'Wh' }]),
  warnings: [],
};
const p1 = '/ABC5METER\r\n\r\n1-0:1.8.1(000123.456*kWh)\r\n1-0:1.7.0(00.193*kW)\r\n!\r\n';
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('wattbus decode', () => {
  test('prints a telegram as one JSON object in a line and exits with 0', () => {
    const { status, lines } = decodeFile('capture.bin', sml);
    expect({ status, lines }).toEqual({ status: 0, lines: [smlLine] });
  });

  test('reads hexadecimal text by its name, and in any file that holds nothing else', () => {
    const spaced = hexOf(sml)
      .toUpperCase()
      .match(/../g)!
      .join(' ')
      .match(/.{1,48}/g)!
      .join('\n');
    for (const [name, text] of [
      ['frame.hex', hexOf(sml)],
      ['frame.hex', `# from the meter\n${spaced}\n`],
      ['frame.txt', spaced],
      [
        'frame',
        hexOf(sml)
          .match(/../g)!
          .map((byte) => `0x${byte}`)
          .join(', '),
      ],
    ] as const) {
      expect(decodeFile(name, text)).toEqual({ status: 0, lines: [smlLine] });
    }
  });

  test('reads the standard input for "-"', () => {
    expect(wattbus(['decode', '-'], sml)).toEqual({ status: 0, lines: [smlLine] });
    const hex = Buffer.from(hexOf(sml));
    expect(wattbus(['decode', '--protocol', 'sml', '-'], hex)).toEqual({
      status: 0,
      lines: [smlLine],
    });
  });

  test('exits with 1 and says where and what where there are only faults', () => {
    const damaged = Uint8Array.from(sml);
    damaged[40]! ^= 1;
    const { status, lines } = decodeFile('damaged.bin', damaged);
    expect(status).toBe(1);
    expect(lines[0]).toEqual({
      protocol: 'sml',
      fault: 'checksum',
      offset: 0,
      detail: expect.stringContaining('CRC'),
    });
    const nothing = decodeFile('text.txt', 'nothing that a meter says');
    expect(nothing.status).toBe(1);
    expect(nothing.lines).toMatchObject([{ fault: 'noise', offset: 0 }]);
  });

  test('exits with 0 where a telegram was read before the text breaks off', () => {
    const text = `# cellar\r\n${hexOf(sml)}\r\n0x${hexOf(sml).slice(0, 79)}`;
    const cut = decodeFile('capture.hex', text);
    expect(cut).toMatchObject({ status: 0, lines: [smlLine, { fault: 'truncated' }] });
    expect(cut.lines[1]).toMatchObject({ offset: sml.length });
    const alone = decodeFile('capture.hex', hexOf(sml).slice(0, -1));
    expect(alone).toMatchObject({ status: 1, lines: [{ fault: 'truncated', offset: 0 }] });
    const key = `${'00'.repeat(16)}0`;
    expect(decodeFile('capture.bin', sml, '--key', key).status).toBe(2);
  });

  test('takes telegrams whose checksum is wrong with --lenient only, with a warning', () => {
    const wrong = `${p1.trimEnd()}0000\r\n`;
    expect(decodeFile('wrong.txt', wrong)).toMatchObject({
      status: 1,
      lines: [{ protocol: 'dsmr', fault: 'checksum' }],
    });
    const lenient = decodeFile('wrong.txt', wrong, '--lenient');
    expect(lenient.status).toBe(0);
    expect(lenient.lines[0]).toMatchObject({
      protocol: 'dsmr',
      warnings: [expect.stringContaining('checksum')],
    });
  });

  test.each([
    'decode',
    'decode --protocol morse x.bin',
    'decode --key abc x.bin',
    'decode --colour x.bin',
    'decode /no/such/file',
  ])('%s is wrong usage and exits with 2', (line) => {
    expect(wattbus(line.split(' '))).toEqual({ status: 2, lines: [] });
  });

  test('tells P1 from a read-out of IEC 62056-21, which are much alike', () => {
    const readOut = encodeReadOut({
      identification: 'ESY5Q3DA1024 V3.04',
      lines: [registerLine('1-0:1.8.0*255', 12345.678, 'kWh')],
    });
    expect(decodeFile('a.txt', p1).lines).toMatchObject([{ protocol: 'dsmr' }]);
    const pushed = '/ESY5Q3DA1024 V3.04\r\n\r\n1-0:1.8.0*255(00012345.678*kWh)\r\n!\r\n';
    expect(decodeFile('b.txt', pushed).lines).toMatchObject([{ protocol: 'iec62056-21' }]);
    expect(decodeFile('c.txt', readOut).lines).toMatchObject([{ protocol: 'iec62056-21' }]);
  });

  test('reads P1 text that lost its carriage returns', () => {
    const { lines } = decodeFile('unix.txt', p1.replaceAll('\r', ''));
    expect(lines).toMatchObject([{ protocol: 'dsmr', registers: [{ value: 123.456 }, {}] }]);
  });

  test('takes text of P1 that lacks its last line for P1, and says what is missing', () => {
    const stamped = p1.replace('1-0:1.8.1', '0-0:1.0.0(260701120000S)\r\n1-0:1.8.1');
    const cut = stamped.replace('!\r\n', '');
    const { status, lines } = decodeFile('cut.txt', cut);
    expect(status).toBe(0);
    expect(lines).toMatchObject([
      { protocol: 'dsmr', warnings: ['the end of the telegram is missing'] },
    ]);
    const five = cut.replace('0-0:1.0.0', '1-3:0.2.8(50)\r\n0-0:1.0.0');
    expect(decodeFile('cut.txt', five)).toMatchObject({
      status: 1,
      lines: [
        {
          protocol: 'dsmr',
          fault: 'truncated',
          detail: expect.stringContaining('its end with the checksum'),
        },
      ],
    });
    expect(decodeFile('cut.txt', five, '--lenient')).toMatchObject({
      status: 0,
      lines: [{ protocol: 'dsmr', warnings: ['the end of the telegram is missing'] }],
    });
  });

  test('says what is wrong with an empty file and with one that is not hexadecimal', () => {
    expect(decodeFile('empty.txt', '')).toMatchObject({
      status: 1,
      lines: [{ protocol: 'unknown', fault: 'noise' }],
    });
    for (const text of ['', 'a log of last night']) {
      expect(decodeFile('empty.hex', text)).toEqual({ status: 2, lines: [] });
    }
  });

  test('reads a 7E1 line that was recorded with eight bits', () => {
    const even = [...Buffer.from(p1)].map((byte) => {
      const ones = byte.toString(2).replaceAll('0', '').length;
      return ones % 2 === 0 ? byte : byte | 0x80;
    });
    const { lines } = decodeFile('parity.bin', Uint8Array.from(even));
    expect(lines).toMatchObject([{ protocol: 'dsmr', registers: [{ value: 123.456 }, {}] }]);
  });

  test('reads TIC as a terminal shows it, without the ends of its frames', () => {
    const frame = encodeTic({
      mode: 'historique',
      groups: [
        { label: 'ADCO', data: '012345678912' },
        { label: 'BASE', data: '001234567' },
      ],
    });
    const shown = Buffer.from(frame)
      .toString('latin1')
      .replaceAll(/[\x02\x03\r]/g, '');
    const { status, lines } = decodeFile('terminal.txt', shown.trimStart());
    expect(status).toBe(0);
    expect(lines).toMatchObject([
      {
        protocol: 'tic',
        registers: expect.arrayContaining([
          expect.objectContaining({ label: 'BASE', value: 1234567 }),
        ]),
      },
    ]);
  });

  test('maps the keys of JSON lines to quantities by --field', () => {
    const lines = '{"ENERGY":{"Power":123}}\n{"ENERGY":{"Power":124}}\n';
    const decoded = decodeFile('lines.txt', lines, '--field', 'ENERGY.Power=powerW');
    expect(decoded).toMatchObject({
      status: 0,
      lines: [
        { protocol: 'json', registers: [{ label: 'powerW', value: 123, unit: 'W' }] },
        { protocol: 'json', registers: [{ value: 124 }] },
      ],
    });
    expect(decodeFile('lines.txt', lines, '--field', 'ENERGY.Power=zeal').status).toBe(2);
  });

  test('reads a lone Modbus reply, and refuses a register map that there is not', () => {
    const reply = '01 04 04 43 66 33 34 1b 38';
    expect(decodeFile('reply.hex', reply)).toMatchObject({
      status: 0,
      lines: [{ protocol: 'modbus', registers: [{ value: expect.closeTo(230.2, 4) }] }],
    });
    expect(decodeFile('reply.hex', reply, '--register-map', 'none-such').status).toBe(2);
  });
});
