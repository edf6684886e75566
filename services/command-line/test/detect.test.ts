import { expect, test } from '@jest/globals';
import { encodeSml } from '@wattbus/meter-protocols';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;

async function detect(port: string): Promise<{ code: number; printed: string; said: string }> {
  const child = spawn(process.execPath, [program, 'detect', port]);
  const exited = once(child, 'exit');
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number];
  return { code, printed, said };
}

test('detect prints protocol, settings, certainty and the reading', async () => {
  const telegram = encodeSml({
    serverId: '1EMH0000000001',
    entries: [{ obis: '1-0:1.8.0', value: 5_000, unit: 'Wh' }],
  });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(telegram);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { code, printed } = await detect(`tcp://127.0.0.1:${port}`);
    expect(code).toBe(0);
    expect(printed).toMatch(/^protocol {3}sml$/m);
    expect(printed).toMatch(/^certainty {2}99 %$/m);
    expect(printed).toMatch(/energyImportWh 5000$/m);
  } finally {
    server.close();
  }
}, 240_000);

test('detect says why a port cannot be opened', async () => {
  const { code, said } = await detect('/dev/serial/by-id/none');
  expect(code).toBe(2);
  expect(said).toMatch(/no such device; is the cable plugged in/);
});
