import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';

const root = new URL('../..', import.meta.url).pathname;

const hasCompose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
if (!hasCompose) console.warn('docker compose is not installed: the examples are not checked');

(hasCompose ? test.each : test.skip.each)([
  ['server.yml', ['emqx-1', 'emqx-2', 'historian'], ['broker', 'influxdb']],
  ['analyzers.yml', ['analyzer'], []],
])('docker compose takes the example %s', (name, present, absent) => {
  const files = ['docker-compose.yml', `docs/examples/cluster/${name}`];
  const given = files.flatMap((file) => ['-f', file]);
  const { status, stdout, stderr } = spawnSync(
    'docker',
    ['compose', ...given, 'config', '--services'],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        EMQX_COOKIE: 'cookie',
        INFLUXDB_URL: 'http://store.example:8086',
        MQTT_URL: 'mqtt://one.example,mqtt://two.example',
      },
    },
  );
  expect([status, stderr]).toEqual([0, '']);
  const services = stdout.trim().split('\n');
  expect(services).toEqual(expect.arrayContaining(present));
  expect(services.filter((one) => absent.includes(one))).toEqual([]);
});
