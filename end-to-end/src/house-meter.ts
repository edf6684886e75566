import { localTimeOf, newHouse, p1Telegram, stepHouse } from '@wattbus/meter-simulator';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

const ZONE = 'Europe/Amsterdam';

/** What one telegram said, for comparing with what is stored. */
export interface Said {
  /** 1, 2, 3 … for this meter. */
  readonly number: number;
  readonly atMs: number;
  readonly energyImportWh: number;
  readonly powerW: number;
  readonly gasL: number;
  /** 0 where nobody was connected (a meter does not repeat itself), else which connection it was. */
  readonly connection: number;
}

export interface HouseMeterOptions {
  readonly seed?: number;
  /** Simulated time from one telegram to the next. */
  readonly stepMs?: number;
  /** The low-tariff export register counts telegrams, so that each can be told from all others. */
  readonly isNumbered?: boolean;
}

export interface HouseMeter {
  readonly port: string;
  readonly said: readonly Said[];
  /** Says telegrams, one simulated step apart, every `everyMs`, until paused. */
  talk(everyMs: number): void;
  pause(): void;
  /** Somebody sets the meter's clock, forward or back. */
  stepClock(byMs: number): void;
  close(): Promise<void>;
}

/** The simulated house on a TCP port, with a record of everything that it said. */
export async function startHouseMeter(
  startMs: number,
  { seed = 3, stepMs = 1_000, isNumbered = false }: HouseMeterOptions = {},
): Promise<HouseMeter> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
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
    const atMs = house.atMs + stepMs;
    const local = localTime(atMs);
    const stepped = stepHouse(house, { atMs, ...local, boilerPlugOn: true });
    house = stepped.house;
    const { view } = stepped;
    const number = said.length + 1;
    said.push({
      number,
      atMs,
      energyImportWh: view.importWh[0] + view.importWh[1],
      powerW: Math.round(view.powerW),
      gasL: view.gasL,
      connection: sockets.size > 0 ? connections : 0,
    });
    const shown = isNumbered ? { ...view, exportWh: [number, view.exportWh[1]] as const } : view;
    const telegram = p1Telegram(shown, local);
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
    stepClock: (byMs) => {
      house = { ...house, atMs: house.atMs + byMs };
    },
    close: async () => {
      pause();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
