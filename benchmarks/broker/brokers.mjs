import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@wattbus/testing';

const project = join(import.meta.dirname, '../..');

/** The brokers to compare, each as a function that starts it; null where it is not installed. */
export const brokers = [
  { name: 'wattbus', start: startWattbus },
  { name: 'mosquitto', start: startMosquitto },
];

async function startWattbus() {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'bench-wattbus-'));
  const config = join(directory, 'wattbus.yaml');
  const broker = { tcp: { port }, webSocket: { port: 0 } };
  const mqtt = { url: `mqtt://127.0.0.1:${port}` };
  writeFileSync(config, JSON.stringify({ dataDir: directory, logLevel: 'error', mqtt, broker }));
  const main = join(project, 'services/broker/dist/main.js');
  return running(spawn(process.execPath, [main, '--config', config], { stdio: 'inherit' }), port);
}

async function startMosquitto() {
  if (spawnSync('mosquitto', ['-h']).error) return null;
  const port = await freePort();
  const config = join(mkdtempSync(join(tmpdir(), 'bench-mosquitto-')), 'mosquitto.conf');
  // Its default of 20 in flight and 1,000 queued would be measured instead of its speed.
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n` +
      'max_inflight_messages 10000\nmax_queued_messages 0\nlog_type error\n',
  );
  return running(spawn('mosquitto', ['-c', config], { stdio: 'ignore' }), port);
}

async function running(child, port) {
  await listening(port);
  return {
    port,
    cpuMs: () => cpuMsOf(child.pid),
    memoryMb: () => memoryMbOf(child.pid),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  };
}

function cpuMsOf(pid) {
  // In nanoseconds, where /proc/…/stat has ticks of 10 ms.
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1'))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
}

function memoryMbOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1_024;
}

async function listening(port) {
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
