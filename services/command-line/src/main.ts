import type { Command } from './command.js';
import { backtest } from './commands/backtest.js';
import { backup } from './commands/backup.js';
import { bill } from './commands/bill.js';
import { capture } from './commands/capture.js';
import { checkConfig } from './commands/check-config.js';
import { decode } from './commands/decode.js';
import { detect } from './commands/detect.js';
import { doctor } from './commands/doctor.js';
import { ports } from './commands/ports.js';
import { redact } from './commands/redact.js';
import { replay } from './commands/replay.js';
import { restore } from './commands/restore.js';
import { secrets } from './commands/secrets.js';
import { tariffs } from './commands/tariffs.js';

const commands: readonly Command[] = [
  checkConfig,
  doctor,
  secrets,
  backup,
  restore,
  decode,
  ports,
  detect,
  capture,
  redact,
  replay,
  bill,
  tariffs,
  backtest,
];

const [name, ...args] = process.argv.slice(2);
const command = commands.find((one) => one.name === name);
if (command === undefined) {
  if (name !== undefined && name !== 'help' && name !== '--help') {
    console.error(`wattbus: there is no command "${name}"`);
  }
  console.error('usage: npx wattbus COMMAND\n');
  for (const { name: known, usage, about } of commands) {
    console.error(`  ${`${known} ${usage}`.padEnd(28)} ${about}`);
  }
  process.exitCode = name === 'help' || name === '--help' ? 0 : 2;
} else {
  process.exitCode = await command.run(args).catch((error: unknown) => {
    console.error(`wattbus ${command.name}: ${(error as Error).message}`);
    return 2;
  });
}
