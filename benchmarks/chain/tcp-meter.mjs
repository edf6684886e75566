import { encodeDsmr } from '@wattbus/meter-protocols';
import { once } from 'node:events';
import { createServer } from 'node:net';

const START_MS = Date.parse('2026-01-10T00:00:00Z');

/** A meter whose telegrams are made before they are timed. */
export async function startTcpMeter() {
  let socket = null;
  let n = 0;
  const server = createServer({ noDelay: true }, (connected) => {
    socket = connected;
    connected.on('error', () => undefined);
    connected.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: `tcp://127.0.0.1:${server.address().port}`,
    connected: () => socket !== null,
    lastMs: () => START_MS + n * 1000,
    next: () => {
      n += 1;
      const local = new Date(START_MS + n * 1000 + 3_600_000).toISOString().slice(0, 19);
      return encodeDsmr({
        variant: '5.0',
        identification: 'WBS5\\2BENCH',
        meterId: 'E0000000000000001',
        at: `${local}+01:00`,
        standardOffsetMinutes: 60,
        measured: {
          powerW: 400 + (n % 700),
          energyImportTariff1Wh: 1_000_000 + n,
          energyImportTariff2Wh: 2_000_000,
          energyExportTariff1Wh: 10,
          energyExportTariff2Wh: 20,
          voltageL1V: 230.1,
          voltageL2V: 230.2,
          voltageL3V: 230.3,
          currentL1A: 1,
          currentL2A: 1,
          currentL3A: 1,
          powerL1W: 100,
          powerL2W: 100,
          powerL3W: 200,
        },
      });
    },
    write: async (bytes) => {
      if (!socket.write(bytes)) await once(socket, 'drain');
    },
    close: async () => {
      socket?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
