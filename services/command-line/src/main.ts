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

const HELP = /^(--help|-h)$/;
const [name = '', ...args] = process.argv.slice(2);
const wanted = Object.hasOwn(commands, name) ? await commands[name]!() : null;
if (wanted === null) await explainAll(name);
else if (args.some((arg) => HELP.test(arg))) explain(wanted);
else {
  process.exitCode = await wanted.run(args).catch((error: NodeJS.ErrnoException) => {
    console.error(`wattbus ${wanted.name}: ${error.message}`);
    if (error.code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`npx wattbus ${wanted.name} --help tells its options`);
    }
    return 2;
  });
}

function explain({ name: known, usage, about }: Command): void {
  console.log(`usage: npx wattbus ${known} ${usage}\n\n${about}`);
}

async function explainAll(asked: string): Promise<void> {
  const isFault = !HELP.test(asked) && asked !== 'help';
  const say = isFault ? console.error : console.log;
  if (isFault && asked !== '') say(`wattbus: there is no command "${asked}"`);
  say('usage: npx wattbus COMMAND [OPTIONS]\n');
  for (const load of Object.values(commands)) {
    const { name: known, about } = await load();
    say(`  ${known.padEnd(16)} ${about}`);
  }
  say('\nnpx wattbus COMMAND --help tells the options of one.');
  process.exitCode = isFault ? 2 : 0;
}
