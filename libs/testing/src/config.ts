import { Config, type WattbusConfig } from '@wattbus/service-config';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A whole configuration for a test: quiet, with a data directory of its own. */
export function testConfig(given: Readonly<Record<string, unknown>>): WattbusConfig {
  return Config.parse({
    dataDir: mkdtempSync(join(tmpdir(), 'wattbus-test-')),
    logLevel: 'error',
    ...given,
  });
}
