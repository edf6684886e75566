import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** A file of the page, in memory. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Null where zipping does not pay. */
  readonly gzip: Buffer | null;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

const GZIP_BYTES_MIN = 1_024;

/**
 * All files of the page by their path. They are few and fixed, so they are read once; a path that
 * is not in this table does not exist, whatever dots and slashes it holds.
 *
 * @throws where the page has not been built
 */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  const fixed = new URL('../page/', import.meta.url);
  for (const name of readdirSync(fixed)) assets.set(`/${name}`, assetOf(new URL(name, fixed)));
  assets.set('/', assets.get('/index.html')!);

  // From `src` under test and from `dist` in use, the compiled page is at the same place.
  const scripts = new URL('../dist/page/', import.meta.url);
  if (!existsSync(new URL('main.js', scripts))) {
    throw new Error(`the page is not built: no main.js in ${fileURLToPath(scripts)}`);
  }
  for (const name of readdirSync(scripts)) {
    if (name.endsWith('.js')) assets.set(`/script/${name}`, assetOf(new URL(name, scripts)));
  }

  const vendor = createRequire(import.meta.url);
  assets.set('/script/vendor/mqtt.js', assetOf(vendor.resolve('mqtt/dist/mqtt.esm')));
  assets.set('/script/vendor/uplot.js', assetOf(vendor.resolve('uplot/dist/uPlot.esm.js')));
  assets.set('/script/vendor/uplot.css', assetOf(vendor.resolve('uplot/dist/uPlot.min.css')));
  return assets;
}

/** True where the browser's `accept-encoding` names gzip without refusing it. */
export const acceptsGzip = (header: string | string[] | undefined): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(header ?? ''));

function assetOf(file: URL | string): Asset {
  const body = readFileSync(file);
  const extension = extname(file instanceof URL ? file.pathname : file);
  const type = types[extension];
  if (type === undefined) throw new Error(`no content type for ${String(file)}`);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const zips = body.length >= GZIP_BYTES_MIN && extension !== '.png';
  return { type, etag: `W/"${hash}"`, body, gzip: zips ? gzipSync(body) : null };
}
