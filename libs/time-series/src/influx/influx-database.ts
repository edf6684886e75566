import type { InfluxDB } from 'influx';

/** Keeps cursors for ever where the default policy deletes old points. */
const FOREVER_POLICY = 'forever';
const SHARD_DURATION = '1w';

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
  if (endless) return endless.name;
  await influx.createRetentionPolicy(FOREVER_POLICY, {
    database,
    duration: 'INF',
    replication: 1,
    isDefault: false,
  });
  return FOREVER_POLICY;
}

type RetentionOptions = Parameters<InfluxDB['alterRetentionPolicy']>[1];
