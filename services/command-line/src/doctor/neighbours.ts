import { explainTls, isLoopback, readCa, readTlsIdentity } from '@wattbus/nest-mqtt';
import {
  addressesOf,
  secretOf,
  type MeterConfig,
  type WattbusConfig,
} from '@wattbus/service-config';
import { connectAsync, type MqttClient } from 'mqtt';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ANSWER_MS_MAX, codeOf, fault, ok, warn, type Check, type Finding } from './finding.js';
import { rightsFault } from './machine.js';

const DAY_MS = 86_400_000;
const RENEW_DAYS = 30;
/** First bytes of an SQLite file, https://www.sqlite.org/fileformat.html §1.3. */
const SQLITE_MAGIC = 'SQLite format 3\0';

/** Whether each meter's port is there and may be opened. Nothing is sent to a meter. */
export const checkMeters: Check = async ({ meters }) =>
  meters.length === 0
    ? [ok('meters', 'none configured: a simulated house is measured')]
    : Promise.all(meters.map(meterFinding));

async function httpFinding(what: string, url: string): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  const reason = await connectFault(hostname, Number(port) || (protocol === 'https:' ? 443 : 80));
  return reason === null
    ? ok(what, `${url} answers`)
    : fault(what, `${url} does not answer (${reason}): is its address right, its local API on?`);
}

async function meterFinding({ name, port, mqtt, http }: MeterConfig): Promise<Finding> {
  const what = `meter ${name}`;
  if (http) return httpFinding(what, http.url);
  if (port === undefined) {
    return ok(what, `${mqtt?.kind} ${mqtt?.device} speaks MQTT itself (not looked at)`);
  }
  if (port.startsWith('tcp://')) {
    const { hostname, port: number } = new URL(port);
    const reason = await connectFault(hostname, Number(number));
    return reason === null
      ? ok(what, `${port} answers`)
      : fault(
          what,
          `${port} does not answer (${reason}): is the serial server on, the port right?`,
        );
  }
  if (!port.startsWith('/')) return ok(what, `${port} (not looked at)`);
  const reason = await rightsFault(port);
  const advice: Readonly<Record<string, string>> = {
    ENOENT: 'is not there: is the cable plugged in? ls -l /dev/serial/by-id',
    EACCES: 'may not be opened: sudo usermod -aG dialout "$USER", then sign in anew',
  };
  if (reason !== null)
    return fault(what, `${port} ${advice[reason] ?? `cannot be opened (${reason})`}`);
  const stable = !/^\/dev\/tty(USB|ACM)\d+$/.test(port);
  return stable
    ? ok(what, `${port} may be opened`)
    : warn(what, `${port} may be opened; its number changes on replugging: use /dev/serial/by-id`);
}

/** Whether the broker, or each node of a cluster, takes this account. */
export const checkBroker: Check = async ({ mqtt }) =>
  Promise.all(addressesOf(mqtt.url).map((url) => brokerFinding(mqtt, url)));

async function brokerFinding(mqtt: WattbusConfig['mqtt'], url: string): Promise<Finding> {
  const what = 'broker';
  const who = mqtt.username === undefined ? 'without an account' : `as ${mqtt.username}`;
  const unknown = secretFault(mqtt);
  if (unknown !== null) return fault(what, `mqtt: ${unknown}`);
  try {
    const client = await connectTo(mqtt, url, 'doctor');
    await client.endAsync();
    return ok(what, `${url} takes connections ${who}`);
  } catch (error) {
    return brokerFault(url, error as Error & { code?: number | string });
  }
}

/** Rejects where the broker does not take this account; `purpose` makes the client's name. */
export function connectTo(
  mqtt: WattbusConfig['mqtt'],
  url: string,
  purpose: string,
): Promise<MqttClient> {
  const password = secretOf(mqtt);
  const options = {
    reconnectPeriod: 0,
    connectTimeout: ANSWER_MS_MAX,
    clientId: `wattbus-${purpose}-${process.pid}`,
    ...(mqtt.username === undefined ? {} : { username: mqtt.username }),
    ...(password === undefined ? {} : { password }),
    ...(mqtt.caFile === undefined ? {} : { ca: readCa('mqtt.caFile', mqtt.caFile) }),
  };
  return connectAsync(url, options, false);
}

/** Why the password is not known; null where it is, or none is needed. */
function secretFault(given: Parameters<typeof secretOf>[0]): string | null {
  try {
    secretOf(given);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function brokerFault(url: string, error: Error & { code?: number | string }): Finding {
  if (error.code === 4 || error.code === 5) {
    const advice = 'check mqtt.username and mqtt.passwordFile';
    return fault('broker', `${url} refuses user name or password: ${advice}`);
  }
  const reason = explainTls(error) ?? (error.message || codeOf(error));
  if (error.code === 'ECONNREFUSED' && isLoopback(new URL(url).hostname)) {
    return warn('broker', `${url} does not run; that is right while Wattbus is stopped`);
  }
  return fault('broker', `${url}: ${reason}: does it run, is mqtt.url right?`);
}

/** Whether the page's port is free, or the page is there. */
export const checkPage: Check = async ({ dashboard: { host, port, tls } }) => {
  if (port === 0) return [];
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
  const reason = await connectFault(near.replace(/^\[|\]$/g, ''), port);
  if (reason !== null) return [ok('page', `port ${port} is free; the page does not run`)];
  // Its certificate is for other names than this address.
  if (tls !== undefined) return [ok('page', `port ${port} answers`)];
  const url = `http://${near}:${port}/config.json`;
  const isPage = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    .then((response) => response.json())
    .then(
      (config) => typeof config === 'object' && config !== null && 'topics' in config,
      () => false,
    );
  return [
    isPage
      ? ok('page', `http://${near}:${port}/ runs`)
      : fault('page', `another program has port ${port}: set dashboard.port`),
  ];
};

/** Whether the store can be written to or reached. */
export const checkStore: Check = async ({ store, dataDir }) => [
  store.kind === 'sqlite'
    ? await sqliteFinding(store.sqliteFile ?? join(dataDir, 'history.db'))
    : await influxFinding(store.influxdb),
];

async function sqliteFinding(file: string): Promise<Finding> {
  const reason = await rightsFault(file);
  if (reason === 'ENOENT') return ok('store', `${file} will be made`);
  if (reason !== null) {
    return fault('store', `${file} cannot be written to (${reason}): sudo chown "$USER" ${file}`);
  }
  const handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SQLITE_MAGIC.length), 0);
  await handle.close();
  // SQLite writes nothing into a new file until something is in it.
  const isDatabase = bytesRead === 0 || buffer.toString('latin1') === SQLITE_MAGIC;
  return isDatabase
    ? ok('store', `SQLite at ${file}`)
    : fault('store', `${file} is no SQLite file: move it away, or set store.sqliteFile`);
}

async function influxFinding(influxdb: WattbusConfig['store']['influxdb']): Promise<Finding> {
  const { url, database, username } = influxdb;
  const unknown = secretFault(influxdb);
  if (unknown !== null) return fault('store', `store.influxdb: ${unknown}`);
  try {
    const password = secretOf(influxdb) ?? '';
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(new URL('/query?q=SHOW+DATABASES', url), {
      headers: username === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (answer.status === 401 || answer.status === 403) {
      const settings = 'store.influxdb.username and store.influxdb.passwordFile';
      return fault('store', `InfluxDB at ${url} refuses user name or password: check ${settings}`);
    }
    const text = await answer.text();
    if (!answer.ok) return fault('store', `${url} answers ${answer.status}: is it InfluxDB?`);
    return text.includes(`"${database}"`)
      ? ok('store', `InfluxDB at ${url} has the database ${database}`)
      : warn('store', `InfluxDB at ${url} has no database ${database}; the historian makes it`);
  } catch (error) {
    const reason = codeOf((error as Error).cause ?? error);
    return fault('store', `InfluxDB at ${url} cannot be reached (${reason}): does it run?`);
  }
}

/** Whether the certificates can be used, and for how long. */
export const checkCertificates: Check = ({ broker, dashboard }) => {
  const settings = {
    'broker.tcp.tls': broker.tcp.tls,
    'broker.webSocket.tls': broker.webSocket.tls,
    'dashboard.tls': dashboard.tls,
  };
  return Promise.resolve(
    Object.entries(settings).flatMap(([setting, files]) =>
      files === undefined ? [] : [certificateFinding(setting, files)],
    ),
  );
};

function certificateFinding(
  setting: string,
  files: { readonly certFile: string; readonly keyFile: string },
): Finding {
  try {
    const { validTo } = new X509Certificate(readTlsIdentity(setting, files).cert);
    const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
    const renew = `renew ${files.certFile} (npx wattbus secrets --tls) and restart`;
    if (days < 0) return fault('certificate', `${setting} has expired: ${renew}`);
    if (days < RENEW_DAYS) return warn('certificate', `${setting} lasts ${days} days: ${renew}`);
    return ok('certificate', `${setting} lasts ${days} days`);
  } catch (error) {
    return fault('certificate', (error as Error).message);
  }
}

/** Null where somebody takes the connection, else the reason. */
async function connectFault(host: string, port: number): Promise<string | null> {
  const socket = connect({ host, port });
  const tooLate = setTimeout(() => socket.destroy(new Error('no answer')), ANSWER_MS_MAX);
  try {
    await once(socket, 'connect');
    return null;
  } catch (error) {
    return codeOf(error);
  } finally {
    clearTimeout(tooLate);
    socket.destroy();
  }
}
