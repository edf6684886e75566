import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeFaults, loadConfig } from './load-config.js';

function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'wattbus-config-')), 'wattbus.yaml');
  writeFileSync(file, text);
  return file;
}

function faultsOf(text: string, env: Record<string, string> = {}): string[] {
  const loaded = loadConfig({ file: written(text), env });
  if (loaded.ok) throw new Error('the configuration was accepted');
  return describeFaults(loaded.faults)
    .split('\n')
    .map((line) => line.replace(/^.*wattbus\.yaml/, 'wattbus.yaml'));
}

describe('loadConfig', () => {
  test('gives every setting a default', () => {
    const loaded = loadConfig({ env: {}, file: written('') });
    if (!loaded.ok) throw new Error(describeFaults(loaded.faults));
    expect(loaded.config.mqtt.root).toBe('energy');
    expect(loaded.config.broker.tcp).toEqual({ host: '127.0.0.1', port: 1883 });
    expect(loaded.config.store).toMatchObject({ kind: 'sqlite', batchPoints: 500, batchMs: 20 });
  });

  test('names all five faults of a file at once, each with its line', () => {
    const faults = faultsOf(
      [
        'site:',
        '  zone: Europe/Amsterdm',
        'mqtt:',
        '  url: http://broker',
        'meters:',
        '  - name: main/house',
        '    port: /dev/ttyUSB0',
        '    baud: 9600',
        'store:',
        '  batchPoints: 0',
      ].join('\n'),
    );
    expect(faults).toHaveLength(5);
    expect(faults[0]).toMatch(/^wattbus\.yaml:2: site\.zone: must be an IANA time zone/);
    expect(faults[1]).toMatch(/^wattbus\.yaml:4: mqtt\.url: must start with mqtt/);
    expect(faults[2]).toMatch(/^wattbus\.yaml:6: meters\.0\.name: must be 1–64 letters/);
    expect(faults[3]).toMatch(/^wattbus\.yaml:10: store\.batchPoints: /);
    expect(faults[4]).toMatch(/^wattbus\.yaml:8: meters\.0\.baud: no such setting/);
  });

  test('points at the line where YAML itself breaks', () => {
    expect(faultsOf('site:\n  name: "Home\n')[0]).toMatch(/^wattbus\.yaml:\d+: /);
  });

  test('lets the environment win over the file, and names the variable that is wrong', () => {
    const file = written('store:\n  batchMs: 20\n');
    const env = { WATTBUS_STORE__BATCH_MS: '60000', WATTBUS_MQTT__PASSWORD: '12345' };
    const loaded = loadConfig({ file, env });
    if (!loaded.ok) throw new Error(describeFaults(loaded.faults));
    expect(loaded.config.store.batchMs).toBe(60_000);
    expect(loaded.config.mqtt.password).toBe('12345');
    expect(faultsOf('', { WATTBUS_STORE__KIND: 'oracle' })[0]).toMatch(
      /^WATTBUS_STORE__KIND: store\.kind: /,
    );
  });

  test('makes lists from the environment', () => {
    const env = { WATTBUS_METERS__0__NAME: 'main', WATTBUS_METERS__0__PORT: 'tcp://meter:2000' };
    const loaded = loadConfig({ file: written(''), env });
    if (!loaded.ok) throw new Error(describeFaults(loaded.faults));
    expect(loaded.config.meters[0]).toMatchObject({ name: 'main', port: 'tcp://meter:2000' });
  });

  test('refuses two meters of one name, and a file that is not there', () => {
    const two = 'meters:\n  - { name: a, port: /dev/a }\n  - { name: a, port: /dev/b }\n';
    expect(faultsOf(two)[0]).toMatch(/^wattbus\.yaml:3: meters\.1\.name: "a" is used twice/);
    const missing = loadConfig({ file: '/nowhere/wattbus.yaml', env: {} });
    expect(missing).toMatchObject({ ok: false, faults: [{ message: 'the file does not exist' }] });
  });
});
