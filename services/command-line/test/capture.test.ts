import { describe, expect, test } from '@jest/globals';
import { encodeSml } from '@wattbus/meter-protocols';
import { openTransport } from '@wattbus/meter-simulator';
import { Log } from '@wattbus/nest-mqtt';
import { until } from '@wattbus/testing';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture, writeCapture, type Capture } from '../src/capture/capture-format.js';
import { inputForms } from '../src/capture/input-bytes.js';
import { serialPorts } from '../src/capture/serial-ports.js';

const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;

/** Two pieces of one telegram and then another, as a port gives them. */
const telegram = encodeSml({
  serverId: '1EMH0000000001',
  entries: [{ obis: '1-0:1.8.0', value: 5, unit: 'Wh' }],
});
const recorded: Capture = {
  header: { port: '/dev/ttyUSB0', baud: '9600 8N1' },
  chunks: [
    { atMs: 0, bytes: telegram.subarray(0, 30) },
    { atMs: 20, bytes: telegram.subarray(30) },
    { atMs: 1000, bytes: telegram },
  ],
};

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wattbus-capture-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the format of captures', () => {
  test('gives back what was written, with the times', () => {
    expect(readCapture(writeCapture(recorded))).toEqual(recorded);
  });

  test('names the line that it does not understand', () => {
    expect(readCapture('wattbus-capture 2\n\n')).toMatchObject({ refused: /line 1/ });
    expect(readCapture('wattbus-capture 1\n\n0 0102\nx')).toEqual({
      refused: expect.stringContaining('line 4'),
    });
  });

  test('is read by the decoder as the bytes that it holds', () => {
    const [bytes] = inputForms('x', Buffer.from(writeCapture(recorded))) as [Uint8Array];
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([telegram, telegram]));
  });
});

describe('capture and replay', () => {
  test.each(['pty', 'tcp'])('what is played into a %s is what is captured from it', (kind) =>
    inFolder(async (folder) => {
      const file = join(folder, 'played.txt');
      writeFileSync(file, writeCapture(recorded));
      const link = join(folder, 'meter');
      const to = kind === 'pty' ? `pty:${link}` : 'tcp://127.0.0.1:0';
      const player = spawn(process.execPath, [program, 'replay', file, '--to', to]);
      let said = '';
      player.stderr.on('data', (text: Buffer) => (said += text.toString()));
      const address = await until('the address', () => /playing at (\S+)\n/.exec(said)?.[1]);
      const recorder = spawn(process.execPath, [program, 'capture', address, '--seconds', '30']);
      let text = '';
      recorder.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
      await Promise.all([once(player, 'close'), once(recorder, 'close')]);
      const capture = readCapture(text) as Capture;
      expect(capture.header).toMatchObject({ port: address, baud: '115200 8N1' });
      const bytes = Buffer.concat(capture.chunks.map((chunk) => chunk.bytes));
      expect(bytes).toEqual(Buffer.concat([telegram, telegram]));
    }),
  );

  test('plays to the standard output, faster if asked', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'played.txt');
      writeFileSync(file, writeCapture(recorded));
      const args = ['replay', file, '--to', '-', '--speed', '1000'];
      const { status, stdout } = spawnSync(process.execPath, [program, ...args]);
      expect(status).toBe(0);
      expect(stdout).toEqual(Buffer.concat([telegram, telegram]));
      await Promise.resolve();
    }));

  test.each([
    'capture',
    'capture /dev/null --seconds 0',
    'capture /no/such/port',
    'replay /no/such/file --to -',
    'replay /dev/null',
  ])('%s is wrong usage and exits with 2', (line) => {
    expect(spawnSync(process.execPath, [program, ...line.split(' ')]).status).toBe(2);
  });
});

describe('ports', () => {
  test('lists names that lead to ptys, as in a container, and those that lead nowhere', () =>
    inFolder(async (root) => {
      const folder = join(root, 'dev/serial/by-id');
      mkdirSync(folder, { recursive: true });
      const cable = `pty:${join(folder, 'usb-Some_Cable-if00')}`;
      const transport = await openTransport(cable, new Log('ports', 'silent'));
      try {
        symlinkSync('../../ttyUSB7', join(folder, 'usb-Unplugged-if00'));
        expect(serialPorts(root)).toEqual([
          {
            path: '/dev/serial/by-id/usb-Some_Cable-if00',
            device: expect.stringMatching(/^\/dev\/pts\/\d+$/),
          },
          {
            path: '/dev/serial/by-id/usb-Unplugged-if00',
            device: '/dev/serial/by-id/usb-Unplugged-if00',
            gone: true,
          },
        ]);
      } finally {
        await transport.close();
      }
      const left = serialPorts(root).filter(({ gone }) => !gone);
      expect(left).toEqual([]);
    }));

  test('says that there is none on a machine without /dev/serial, and exits with 1', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'ports'], {
      encoding: 'utf8',
    });
    const { status: listed, stdout: json } = spawnSync(
      process.execPath,
      [program, 'ports', '--json'],
      { encoding: 'utf8' },
    );
    const found = JSON.parse(json) as unknown[];
    expect(status).toBe(found.length > 0 ? 0 : 1);
    expect(listed).toBe(status);
    expect(stderr).toBe('');
    if (found.length === 0) expect(stdout).toMatch(/no serial adapter is plugged in/);
    expect(serialPorts('/no/such/folder')).toEqual([]);
  });

  test('lists adapters by their lasting name with what is known of the chip', () =>
    inFolder(async (root) => {
      const usb = join(root, 'sys/devices/usb1/1-1');
      mkdirSync(join(usb, '1-1:1.0/ttyUSB3'), { recursive: true });
      const about = { idVendor: '0403', idProduct: '6001', manufacturer: 'FTDI', product: 'P1' };
      for (const [name, text] of Object.entries(about)) writeFileSync(join(usb, name), `${text}\n`);
      mkdirSync(join(root, 'sys/class/tty/ttyUSB3'), { recursive: true });
      symlinkSync(join(usb, '1-1:1.0/ttyUSB3'), join(root, 'sys/class/tty/ttyUSB3/device'));
      mkdirSync(join(root, 'dev/serial/by-id'), { recursive: true });
      writeFileSync(join(root, 'dev/ttyUSB3'), '');
      symlinkSync('../../ttyUSB3', join(root, 'dev/serial/by-id/usb-FTDI_P1_AB12-if00-port0'));
      expect(serialPorts(root)).toEqual([
        {
          path: '/dev/serial/by-id/usb-FTDI_P1_AB12-if00-port0',
          device: '/dev/ttyUSB3',
          usbId: '0403:6001',
          maker: 'FTDI',
          product: 'P1',
          known: expect.objectContaining({ chip: 'FTDI FT232R' }),
        },
      ]);
      expect(existsSync(join(root, 'dev/ttyUSB3'))).toBe(true);
      await Promise.resolve();
    }));

  test('says nothing of a machine without any', () =>
    inFolder(async (root) => {
      expect(serialPorts(root)).toEqual([]);
      await Promise.resolve();
    }));
});
