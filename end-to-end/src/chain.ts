import type { ServiceRole } from '@wattbus/mqtt-contract';
import { freePort, until } from '@wattbus/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** From `src` and from `dist` alike. */
const root = new URL('../..', import.meta.url).pathname;
/** As in the containers. */
const memory = ['--max-semi-space-size=2', '--v8-pool-size=1'];
/** What a process wrote last; shown when it does not come up. */
const OUTPUT_SHOWN_MAX = 4_000;

/** One service as a process of its own, as in its container. */
export interface ServiceProcess {
  readonly role: ServiceRole;
  readonly pid: number;
  /** False from the moment in which it ends, however that comes. */
  readonly isRunning: boolean;
  /** kill -9, as a power cut or the memory limit would do. */
  kill(): Promise<void>;
  /** SIGTERM, as `docker compose stop`; gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGSTOP: it does nothing, its connections stay, and on `thaw` it does not know of it. */
  freeze(): void;
  thaw(): void;
  /** Started anew with the same environment and what is added for this life; not waited for. */
  launch(env?: Record<string, string>): void;
  /** How this life ends, once it has. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
  /** For the process itself to make sense of. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves once it says of itself that it is ready; fails with its last output. */
  ready(): Promise<void>;
  /** `launch`, then `ready`. */
  restart(): Promise<void>;
  health(): Promise<{ state: string; counters: Record<string, number> } | null>;
  /** What it says to Prometheus. */
  metrics(): Promise<string>;
}

export interface Chain {
  readonly dir: string;
  readonly mqttUrl: string;
  start(role: ServiceRole, env?: Record<string, string>): Promise<ServiceProcess>;
  stop(): Promise<void>;
}

/** What Node is given to run a service. */
export type CommandOf = (role: ServiceRole) => {
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
};

const usualCommand: CommandOf = (role) => ({
  args: [join(root, 'services', role, 'dist/main.js')],
});

/** A set of services that meet at one broker, each with its own data directory under `dir`. */
export async function newChain(
  shared: Record<string, string> = {},
  commandOf: CommandOf = usualCommand,
): Promise<Chain> {
  const dir = mkdtempSync(join(tmpdir(), 'wattbus-chain-'));
  const [mqttPort, webSocketPort] = [await freePort(), await freePort()];
  const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`;
  const running: ServiceProcess[] = [];
  return {
    dir,
    mqttUrl,
    start: async (role, env = {}) => {
      const command = commandOf(role);
      const service = await startProcess(role, command.args, {
        WATTBUS_DATA_DIR: join(dir, role),
        WATTBUS_INSTANCE: `${role}-1`,
        WATTBUS_LOG_LEVEL: 'warn',
        WATTBUS_MQTT__URL: mqttUrl,
        WATTBUS_BROKER__TCP__PORT: String(mqttPort),
        WATTBUS_BROKER__WEB_SOCKET__PORT: String(webSocketPort),
        WATTBUS_DASHBOARD__PORT: '0',
        ...command.env,
        ...shared,
        ...env,
      });
      running.push(service);
      return service;
    },
    stop: async () => {
      await Promise.all(running.splice(0).map((service) => service.kill()));
    },
  };
}

async function startProcess(
  role: ServiceRole,
  args: readonly string[],
  env: Record<string, string>,
): Promise<ServiceProcess> {
  const healthPort = await freePort();
  let child: ChildProcess;
  let output = '';
  const exited = (): boolean => child.exitCode !== null || child.signalCode !== null;

  const health: ServiceProcess['health'] = async () => {
    try {
      const answer = await fetch(`http://127.0.0.1:${healthPort}/health`);
      return (await answer.json()) as { state: string; counters: Record<string, number> };
    } catch {
      return null;
    }
  };
  const metrics: ServiceProcess['metrics'] = async () =>
    (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  const launch = (more: Record<string, string> = {}): void => {
    output = '';
    child = spawn(process.execPath, [...memory, ...args], {
      env: {
        PATH: process.env['PATH'],
        MALLOC_ARENA_MAX: '1',
        WATTBUS_HEALTH__PORT: String(healthPort),
        ...env,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (bytes: Buffer): void => {
      output = (output + bytes.toString('utf8')).slice(-OUTPUT_SHOWN_MAX);
    };
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
  };
  const ready = async (): Promise<void> => {
    await until(`${role} to be ready`, async () => {
      if (exited()) throw new Error(`${role} ended with ${child.exitCode}:\n${output}`);
      return (await health())?.state === 'ready';
    }).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${output}`);
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!exited()) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  };

  const restart = (): Promise<void> => {
    launch();
    return ready();
  };

  const ended: ServiceProcess['ended'] = async () => {
    const life = child;
    if (!exited()) await once(life, 'exit');
    return { code: life.exitCode, signal: life.signalCode, output };
  };

  await restart();
  return {
    role,
    get pid() {
      return child.pid!;
    },
    get isRunning() {
      return !exited();
    },
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    launch,
    ended,
    signal: (signal) => void child.kill(signal),
    ready,
    restart,
    health,
    metrics,
  };
}
