import { localTimeOf, newHouse, p1Telegram, stepHouse } from '@wattbus/meter-simulator';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

const ZONE = 'Europe/Amsterdam';

/** What one telegram said, for comparing with what is stored. */
export interface Said {
  readonly atMs: number;
  readonly energyImportWh: number;
  readonly powerW: number;
  /** False where nobody was connected: a meter does not repeat itself. */
  readonly heard: boolean;
}

export interface HouseMeter {
  readonly port: string;
  readonly said: readonly Said[];
  /** Says telegrams, one simulated second apart, every `everyMs`, until stopped. */
  talk(everyMs: number): void;
  pause(): void;
  close(): Promise<void>;
}

/** The simulated house on a TCP port, with a record of everything that it said. */
export async function startHouseMeter(startMs: number, seed = 3): Promise<HouseMeter> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const localTime = localTimeOf(ZONE);
  const said: Said[] = [];
  let house = newHouse(seed, startMs);
  let timer: NodeJS.Timeout | null = null;
  const say = (): void => {
    const atMs = house.atMs + 1000;
    const local = localTime(atMs);
    const stepped = stepHouse(house, { atMs, ...local, boilerPlugOn: true });
    house = stepped.house;
    const { view } = stepped;
    said.push({
      atMs,
      energyImportWh: view.importWh[0] + view.importWh[1],
      powerW: Math.round(view.powerW),
      heard: sockets.size > 0,
    });
    const telegram = p1Telegram(view, local);
    for (const socket of sockets) socket.write(telegram);
  };
  const pause = (): void => {
    if (timer) clearInterval(timer);
    timer = null;
  };
  return {
    port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    said,
    talk: (everyMs) => {
      timer = setInterval(say, everyMs);
    },
    pause,
    close: async () => {
      pause();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
