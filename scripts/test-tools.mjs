/**
 * Real parts that tests use and npm has not: InfluxDB (where no container engine can give it), a
 * browser, brokers of others. On Debian as root (or with sudo) they are installed; elsewhere the
 * tests that need them say so and are skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const answers = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const present = (command) => answers('sh', ['-c', `command -v ${command}`]);

const engineHasInfluxdb = () => answers('docker', ['image', 'inspect', 'influxdb:1.12']);

/** There, a broker that is installed is also started, at the port that is ours by default. */
const startsServices = process.env.CI === undefined && existsSync('/run/systemd/system');

/** What is wanted, how one sees that it is there, and Debian's package. */
const tools = [
  { what: 'InfluxDB', there: () => engineHasInfluxdb() || present('influxd'), package: 'influxdb' },
  { what: 'Mosquitto', there: () => present('mosquitto'), package: 'mosquitto', serves: true },
  { what: 'NATS', there: () => present('nats-server'), package: 'nats-server', serves: true },
  { what: 'Chromium', there: () => present('chromium'), package: 'chromium' },
  {
    what: 'Korean fonts',
    there: () => answers('sh', ['-c', 'ls /usr/share/fonts/opentype/noto/NotoSansCJK*']),
    package: 'fonts-noto-cjk',
  },
];

export function installForTests() {
  const [missing, left] = partition(tools.filter(({ there }) => !there()));
  if (left.length > 0) {
    const packages = left.map((tool) => tool.package).join(' ');
    console.error(`Skipped are tests that need: ${packages} (not installed: it would be started).`);
  }
  if (missing.length === 0) return;
  const names = missing.map(({ what }) => what).join(', ');
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!present('apt-get') || (root.length > 0 && !answers('sudo', ['-n', 'true']))) {
    console.error(`Not installed, and no right to install: ${names}. Their tests will be skipped.`);
    return;
  }
  console.error(`Installing for the tests: ${names} …`);
  const apt = (...args) =>
    spawnSync('sh', ['-c', [...root, 'apt-get', '-qq', ...args].join(' ')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  apt('update');
  const packages = missing.map((tool) => tool.package);
  if (!apt('install', '-y', '--no-install-recommends', ...packages)) {
    console.error(`Could not install ${packages.join(', ')}; their tests will be skipped.`);
  }
}

const partition = (wanted) => [
  wanted.filter(({ serves }) => !(serves && startsServices)),
  wanted.filter(({ serves }) => serves && startsServices),
];
