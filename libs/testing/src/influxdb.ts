import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { until } from './wait.js';

export interface TestInfluxdb {
  readonly url: string;
  /** Not made yet: that is the store's work. */
  readonly database: string;
  readonly runsIn: 'container' | 'process';
  /** As kill -9; the data stay. */
  kill(): Promise<void>;
  /** Starts it again with the same data on the same port. */
  restart(): Promise<void>;
  /** Takes connections but answers nothing until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it for good and deletes the data. */
  stop(): Promise<void>;
}

export interface TestInfluxdbOptions {
  /** Makes the server ask for a password; the first account must be created over HTTP. */
  readonly auth?: boolean;
}

const IMAGE = 'influxdb:1.12';
const CONTAINER_PORT = 8086;

/**
 * A real InfluxDB: in a container where an engine answers, else the `influxd` of this machine.
 * `TEST_INFLUXDB=container` or `=process` insists on one. Throws where there is neither.
 */
export async function startTestInfluxdb(options: TestInfluxdbOptions = {}): Promise<TestInfluxdb> {
  const wanted = process.env['TEST_INFLUXDB'];
  if (wanted === 'process') return startProcess(options);
  try {
    return await startContainer(options);
  } catch (error) {
    if (wanted === 'container') throw error;
    return startProcess(options);
  }
}

const DATABASE = 'wattbus';

async function startContainer({ auth = false }: TestInfluxdbOptions): Promise<TestInfluxdb> {
  // Its clean-up container is one image more to have; tests stop what they start.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  // Loaded only here: it is large, and of no use where there is no engine.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const engine = await getContainerRuntimeClient();
  // A port of our own choice, because the engine would choose another one at a restart.
  const port = await freePort();
  const started = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: CONTAINER_PORT, host: port })
    .withEnvironment({
      INFLUXDB_HTTP_AUTH_ENABLED: String(auth),
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
    })
    .withWaitStrategy(Wait.forHttp('/ping', CONTAINER_PORT).forStatusCode(204))
    .start();
  const container = engine.container.getById(started.getId());
  const url = `http://${started.getHost()}:${port}`;
  return {
    url,
    database: DATABASE,
    runsIn: 'container',
    kill: async () => void (await container.kill({ signal: 'SIGKILL' })),
    restart: async () => {
      await container.start();
      await answers(url);
    },
    freeze: async () => void (await container.pause()),
    thaw: async () => void (await container.unpause()),
    stop: async () => void (await started.stop({ removeVolumes: true })),
  };
}

async function startProcess({ auth = false }: TestInfluxdbOptions): Promise<TestInfluxdb> {
  const folder = mkdtempSync(join(tmpdir(), 'influxdb-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'influxdb.conf');
  writeFileSync(config, configOf({ folder, port, auth }));
  const run = async (): Promise<ChildProcess> => {
    const child = spawn('influxd', ['-config', config], { stdio: 'ignore' });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', () =>
        reject(new Error('no container engine answers, and there is no influxd on this machine')),
      );
    });
    await answers(url);
    return child;
  };
  let child = await run();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url,
    database: DATABASE,
    runsIn: 'process',
    kill,
    restart: async () => {
      await kill();
      child = await run();
    },
    freeze: async () => void child.kill('SIGSTOP'),
    thaw: async () => void child.kill('SIGCONT'),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const configOf = (given: { folder: string; port: number; auth: boolean }): string => `
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "${given.folder}/meta"
[data]
  dir = "${given.folder}/data"
  wal-dir = "${given.folder}/wal"
[http]
  bind-address = "127.0.0.1:${given.port}"
  auth-enabled = ${given.auth}
  log-enabled = false
[monitor]
  store-enabled = false
`;

const answers = (url: string): Promise<true> =>
  until(`${url} answers`, async () => {
    const response = await fetch(`${url}/ping`).catch(() => null);
    return response?.status === 204;
  });
