import type { Command } from './command.js';

/** Each is loaded only when it is asked for: some bring the broker or the tariffs with them. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  'check-config': async () => (await import('./commands/check-config.js')).checkConfig,
  doctor: async () => (await import('./commands/doctor.js')).doctor,
  secrets: async () => (await import('./commands/secrets.js')).secrets,
  backup: async () => (await import('./commands/backup.js')).backup,
  restore: async () => (await import('./commands/restore.js')).restore,
  decode: async () => (await import('./commands/decode.js')).decode,
  ports: async () => (await import('./commands/ports.js')).ports,
  detect: async () => (await import('./commands/detect.js')).detect,
  capture: async () => (await import('./commands/capture.js')).capture,
  redact: async () => (await import('./commands/redact.js')).redact,
  replay: async () => (await import('./commands/replay.js')).replay,
  bill: async () => (await import('./commands/bill.js')).bill,
  tariffs: async () => (await import('./commands/tariffs.js')).tariffs,
  'compare-tariffs': async () => (await import('./commands/compare-tariffs.js')).compareTariffs,
  backtest: async () => (await import('./commands/backtest.js')).backtest,
  import: async () => (await import('./commands/import.js')).importHistory,
  export: async () => (await import('./commands/export.js')).exportHistory,
  rerun: async () => (await import('./commands/rerun.js')).rerun,
};

const [name = 'help', ...args] = process.argv.slice(2);
const wanted = Object.hasOwn(commands, name) ? await commands[name]!() : null;
if (wanted !== null) {
  process.exitCode = await wanted.run(args).catch((error: unknown) => {
    console.error(`wattbus ${wanted.name}: ${(error as Error).message}`);
    return 2;
  });
} else {
  const asked = process.argv.length > 2 && /^(--)?help$/.test(name);
  if (name !== 'help' && !asked) console.error(`wattbus: there is no command "${name}"`);
  console.error('usage: npx wattbus COMMAND\n');
  for (const load of Object.values(commands)) {
    const { name: known, usage, about } = await load();
    console.error(`  ${`${known} ${usage}`.padEnd(28)} ${about}`);
  }
  process.exitCode = asked ? 0 : 2;
}
