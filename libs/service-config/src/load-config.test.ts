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

describe('tariffs in the configuration', () => {
  test('names a shipped one with its inputs, or a flat one of its own', () => {
    const zone = 'site:\n  zone: Asia/Seoul\n';
    const use = 'tariff:\n  use: kepco-residential-low-voltage\n  set: { discount: 16000 }\n';
    const loaded = loadConfig({ env: {}, file: written(zone + use) });
    if (!loaded.ok) throw new Error(describeFaults(loaded.faults));
    expect(loaded.config.tariff).toEqual([
      { use: 'kepco-residential-low-voltage', set: { discount: 16_000 } },
    ]);
    const env = { WATTBUS_TARIFF__IMPORT_PRICE_PER_K_WH: '0.25' };
    const flat = loadConfig({ env, file: written('') });
    expect(flat.ok && flat.config.tariff).toEqual([{ importPricePerKWh: 0.25 }]);
  });

  test('a change has a date, and each fault of each tariff is listed with its line', () => {
    const file = written(
      [
        'site: { zone: Asia/Seoul, billingDay: 32 }',
        'tariff:',
        '  - use: kepco-residential',
        '  - use: kepco-residential-low-voltage',
        '    set: { discont: 1 }',
        '  - from: 2026-07-01',
        '    file: own.yaml',
        '  - from: 2026-06-01',
        '    importPrice: 0.25',
        '  - from: 2027-01-01',
        '    use: flanders-antwerpen',
        '    vatPercent: 21',
      ].join('\n'),
    );
    const own = join(file, '..', 'own.yaml');
    writeFileSync(own, 'name: own\nversions:\n  - kind: flat\n');
    const loaded = loadConfig({ file, env: {} });
    const faults = loaded.ok ? '' : describeFaults(loaded.faults);
    const lines = faults.replaceAll(`${join(file, '..')}/`, '').split('\n');
    const told = (start: string): string | undefined =>
      lines.find((line) => line.startsWith(start));
    expect(told('wattbus.yaml:1: site.billingDay')).toBeDefined();
    expect(told('wattbus.yaml:3: tariff.0.use')).toContain('there is no tariff');
    expect(told('wattbus.yaml:4: tariff.1.from')).toContain('is needed');
    expect(told('wattbus.yaml:5: tariff.1.set.discont')).toContain('has no input discont');
    expect(told('wattbus.yaml:8: tariff.3.from')).toContain('must be after 2026-07-01');
    expect(told('wattbus.yaml:9: tariff.3.importPrice')).toContain('no such setting');
    expect(told('wattbus.yaml:11: tariff.4.use')).toContain(
      'its hours are those of Europe/Brussels',
    );
    expect(told('wattbus.yaml:12: tariff.4.vatPercent')).toContain('flat tariff');
    expect(lines.filter((line) => /^own\.yaml:\d+:\d+: /.test(line)).length).toBeGreaterThan(1);
  });

  test('a feed of prices is told what it lacks', () => {
    expect(faultsOf('prices:\n  kind: entsoe\n')).toEqual([
      'wattbus.yaml:2: prices.area: is needed by the kind entsoe',
      'wattbus.yaml:2: prices.tokenFile: is needed by the kind entsoe: ' +
        'transparency.entsoe.eu gives one for free',
    ]);
  });
});
