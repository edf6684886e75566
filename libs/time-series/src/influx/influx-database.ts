import type { InfluxDB } from 'influx';
import { SCHEMA_MEASUREMENT } from './influx-session.js';

/** Keeps cursors for ever where the default policy deletes old points. */
const FOREVER_POLICY = 'forever';
const SHARD_DURATION = '1w';
const SCHEMA_VERSION = 1;

/**
 * Makes the database and its retention as configured, and says in which retention policy
 * cursors are kept: they stand at time 0, which any policy but an endless one would refuse.
 */
export async function ensureDatabase(
  influx: InfluxDB,
  database: string,
  retentionDays: number,
): Promise<string> {
  const names = await influx.getDatabaseNames();
  if (!names.includes(database)) await influx.createDatabase(database);
  let policies = await influx.showRetentionPolicies(database);
  const preset = policies.find((policy) => policy.default);
  if (!preset) throw new Error(`database ${database} has no default retention policy`);

  const duration = `${retentionDays * 24}h0m0s`;
  if (retentionDays > 0 && preset.duration !== duration) {
    await influx.alterRetentionPolicy(preset.name, {
      database,
      duration: `${retentionDays}d`,
      replication: 1,
      isDefault: true,
      shardDuration: retentionDays < 7 ? '1d' : SHARD_DURATION,
    } as RetentionOptions);
    policies = await influx.showRetentionPolicies(database);
  }
  const endless = policies.find((policy) => policy.duration === '0s');
  if (!endless) await makeForever(influx, database);
  const policy = endless?.name ?? FOREVER_POLICY;
  await checkVersion(influx, policy);
  return policy;
}

async function makeForever(influx: InfluxDB, database: string): Promise<void> {
  await influx.createRetentionPolicy(FOREVER_POLICY, {
    database,
    duration: 'INF',
    replication: 1,
    isDefault: false,
  });
}

/** Throws where a newer program has written: what it means by a field may be something else. */
async function checkVersion(influx: InfluxDB, retentionPolicy: string): Promise<void> {
  const [row] = await influx.query<{ version: number }>(
    `SELECT last(version) AS version FROM "${retentionPolicy}".${SCHEMA_MEASUREMENT}`,
  );
  if (row && row.version > SCHEMA_VERSION) {
    throw new Error(`its version ${row.version} is newer than this program's ${SCHEMA_VERSION}`);
  }
  if (row?.version === SCHEMA_VERSION) return;
  const point = {
    measurement: SCHEMA_MEASUREMENT,
    fields: { version: SCHEMA_VERSION },
    // As text: the client takes the number 0 for "no time given" and would write "now".
    timestamp: '0',
  };
  await influx.writePoints([point], { precision: 'ms', retentionPolicy });
}

type RetentionOptions = Parameters<InfluxDB['alterRetentionPolicy']>[1];
