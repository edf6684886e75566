import { build, stop } from 'esbuild';
import type { ServiceRole } from '@wattbus/mqtt-contract';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** From `src` and from `dist` alike. */
const root = new URL('../../..', import.meta.url).pathname;
/** Inside the project, so that packages with native code are found from there. */
const place = join(root, 'end-to-end/dist/bundles-');

/** By the name that the service's package exports. */
const exported = {
  broker: 'broker',
  'meter-ingest': 'meterIngest',
  analyzer: 'analyzer',
  historian: 'historian',
} as const satisfies Partial<Record<ServiceRole, string>>;
export type BundledRole = keyof typeof exported;

export interface Bundles {
  readonly fileOf: Readonly<Record<BundledRole, string>>;
  remove(): void;
}

/** Packages with native code, and those that Nest asks for and does without. */
const external = [
  'libsql',
  'serialport',
  '@grpc/*',
  '@nats-io/*',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  'amqp-connection-manager',
  'amqplib',
  'class-transformer',
  'class-validator',
  'ioredis',
  'kafkajs',
];

/** `import.meta` of a module, which a script does not have. */
const banner = "const scriptUrl = require('node:url').pathToFileURL(__filename).href;";

/**
 * Each service as one script with the code that it was built to. A service is started for every
 * kill, and loading it as a thousand modules takes four times the work.
 */
export async function bundleServices(): Promise<Bundles> {
  const folder = mkdtempSync(place);
  const roles = Object.keys(exported) as BundledRole[];
  const files = roles.map(async (role) => {
    const file = join(folder, `${role}.cjs`);
    const contents = `
      import { runService } from '@wattbus/nest-mqtt';
      import { ${exported[role]} } from './services/${role}/dist/index.js';
      void runService(${exported[role]});`;
    await build({
      stdin: { contents, resolveDir: root },
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      keepNames: true,
      minifyWhitespace: true,
      logLevel: 'error',
      external,
      define: { 'import.meta.url': 'scriptUrl' },
      banner: { js: banner },
    });
    return [role, file] as const;
  });
  const made = await Promise.all(files);
  await stop();
  return {
    fileOf: Object.fromEntries(made) as Record<BundledRole, string>,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
