import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, joinBus, until } from '@wattbus/testing';
import { topics } from '@wattbus/mqtt-contract';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
/** All but Grafana, whose image is not to be had everywhere that an engine runs. */
const services = [
  ...['broker', 'meter-ingest', 'analyzer', 'controller', 'historian', 'dashboard'],
  ...['price-feed', 'influxdb', 'meter-simulator'],
];

const hasEngine = spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
if (!hasEngine) console.warn('no container engine answers: the compose test is skipped');

(hasEngine ? describe : describe.skip)('the deployment with docker compose', () => {
  const ports = { MQTT_PORT: '', PAGE_PORT: '' };

  function compose(...args: string[]): string {
    const owner = `${process.getuid?.() ?? 1000}:${process.getgid?.() ?? 1000}`;
    const { status, stdout, stderr } = spawnSync(
      'docker',
      ['compose', '-p', 'wattbus-test', '--profile', 'demo', ...args],
      {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 64 << 20,
        env: { ...process.env, ...ports, LISTEN: '127.0.0.1', OWNER: owner },
      },
    );
    if (status !== 0) throw new Error(`docker compose ${args.join(' ')}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  const statesOf = (name: string): string[] =>
    compose('ps', '-a', name, '--format', '{{.Health}}').trim().split('\n');

  /** What the engine has seen of a service's health and what the service said last. */
  function healthOf(name: string): string {
    const id = compose('ps', '-aq', name).trim();
    const { stdout } = spawnSync('docker', ['inspect', '-f', '{{json .State}}', id], {
      encoding: 'utf8',
    });
    return `${stdout}\n${compose('logs', '--tail', '30', name)}`;
  }

  function stored(): number {
    const query = 'SELECT count("powerW") FROM "reading"';
    const shell = `influx -username "$INFLUXDB_ADMIN_USER" -password "$INFLUXDB_ADMIN_PASSWORD" -database wattbus -format csv -execute '${query}'`;
    const csv = compose('exec', '-T', 'influxdb', 'sh', '-c', shell);
    return Number(csv.trim().split('\n').at(-1)?.split(',').at(-1) ?? 0) || 0;
  }

  beforeAll(async () => {
    ports.MQTT_PORT = String(await freePort());
    ports.PAGE_PORT = String(await freePort());
    // What a run that was cut off has left would be in the way.
    compose('down', '-v', '--remove-orphans');
    compose('build', 'secrets');
    compose('run', '--rm', 'secrets');
    try {
      compose('up', '-d', '--build', ...services);
    } catch (error) {
      throw new Error(`${String(error)}\n${healthOf('influxdb')}`, { cause: error });
    }
  }, 900_000);

  afterAll(() => {
    compose('down', '-v', '--remove-orphans');
  }, 120_000);

  test('brings every service up healthy', async () => {
    for (const name of services) {
      await until(
        `${name} to be healthy`,
        () => statesOf(name).every((s) => s === 'healthy'),
        120_000,
      );
    }
  }, 600_000);

  test('brings the simulated house into InfluxDB', async () => {
    await until('readings in InfluxDB', () => stored() > 1_000, 180_000);
  }, 200_000);

  test('takes history in and gives it back, by the tools of the command line', () => {
    const hours = Array.from({ length: 48 }, (_, i) => {
      const at = new Date(Date.UTC(2025, 5, 1) + i * 3_600_000).toISOString();
      return `${at},0.400`;
    });
    const name = 'compose-test.csv';
    writeFileSync(join(root, 'files', name), `time,import_kwh\n${hours.join('\n')}\n`);
    try {
      const said = compose('run', '--rm', '-T', 'tools', 'import', name, '--meter', 'old');
      expect(said).toMatch(/old: 192 points stored/);
    } finally {
      rmSync(join(root, 'files', name));
    }
    const csv = compose('run', '--rm', '-T', 'tools', 'export', '-', '--meter', 'old');
    const rows = csv.trim().split('\n').slice(1);
    expect(rows).toHaveLength(192);
    expect(rows[0]).toMatch(/^2025-06-01T00:00:00\.000Z,old,electricity,grid,100,/);
  }, 200_000);

  test('lets nobody in without a password, and the viewer with the generated one', async () => {
    const url = `mqtt://127.0.0.1:${ports.MQTT_PORT}`;
    await expect(joinBus(url)).rejects.toThrow(/not authorized|refused/i);
    const password = readFileSync(join(root, 'secrets/viewer'), 'utf8').trim();
    const viewer = await joinBus(url, 'energy', { username: 'viewer', password });
    const analyses = await viewer.hear(topics.siteAnalysis);
    await until('an analysis', () => analyses.length > 0);
    // None lacks a right that it needs: a subscription that is refused makes a service degraded.
    const health = await viewer.hear(topics.serviceHealth);
    const newest = (): Map<string, string> =>
      new Map(health.map(({ service, state, reason }) => [service, `${state} ${reason}`.trim()]));
    const own = services.filter((name) => name !== 'influxdb');
    await until('the health of all', () => own.every((name) => newest().has(name)));
    await until('all to be ready', () => own.every((name) => newest().get(name) === 'ready'));
    await viewer.leave();
  });

  test('serves the page', async () => {
    const page = await fetch(`http://127.0.0.1:${ports.PAGE_PORT}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Wattbus');
  });

  test('scales the analyzer', async () => {
    compose('up', '-d', '--no-recreate', '--scale', 'analyzer=3', 'analyzer');
    await until(
      'three healthy analyzers',
      () => {
        const states = statesOf('analyzer');
        return states.length === 3 && states.every((state) => state === 'healthy');
      },
      120_000,
    );
  }, 200_000);

  test('runs every service without rights and with a read-only root', () => {
    for (const name of services.filter((one) => one !== 'influxdb')) {
      const id = compose('ps', '-q', name).trim().split('\n')[0]!;
      const format = '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}';
      const { stdout } = spawnSync('docker', ['inspect', '-f', format, id], { encoding: 'utf8' });
      expect(`${name}: ${stdout.trim()}`).toBe(`${name}: node true [ALL]`);
    }
  });
});
