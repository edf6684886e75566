import { measurementsOf, describeSettings, type Detected } from '@wattbus/meter-protocols';
import { detectLine } from '@wattbus/meter-ingest';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '../command.js';

const BY_ID = '/dev/serial/by-id';
/** For meters whose times lack an offset; detection does not depend on it. */
const CENTRAL_EUROPE_MINUTES = 60;

/** The only adapter that is plugged in, or what to do. */
function onlyPort(): string {
  const names = existsSync(BY_ID) ? readdirSync(BY_ID) : [];
  if (names.length === 1) return join(BY_ID, names[0]!);
  const found = names.length === 0 ? `none is in ${BY_ID}` : `there are ${names.join(', ')}`;
  throw new Error(`name a port: ${found}`);
}

const keyOf = (hex: string | undefined, name: string): Uint8Array | undefined => {
  if (hex === undefined) return undefined;
  if (!/^[0-9A-Fa-f]{32}$/.test(hex)) throw new Error(`--${name} must be 32 hexadecimal digits`);
  return Buffer.from(hex, 'hex');
};

function print(port: string, { protocol, settings, certainty, telegram }: Detected): void {
  console.log(`port       ${port}`);
  console.log(`protocol   ${protocol}`);
  console.log(`settings   ${describeSettings(settings)}`);
  console.log(`certainty  ${Math.round(certainty * 100)} %`);
  if (telegram === null) {
    console.log('reading    encrypted; ask the grid operator for the key (--key, --auth-key)');
    return;
  }
  const { id, manufacturer, model } = telegram.meter;
  const names = [id, manufacturer, model].filter((name) => name !== undefined);
  console.log(`meter      ${names.join(', ') || 'does not say who it is'}`);
  for (const { subject, at, measured } of measurementsOf(telegram)) {
    console.log(`reading    ${subject}${at === null ? '' : ` at ${at}`}`);
    for (const [quantity, value] of Object.entries(measured)) {
      console.log(`             ${quantity} ${value}`);
    }
  }
}

export const detect: Command = {
  name: 'detect',
  usage: '[PORT] [--key HEX]',
  about: 'find out protocol and line settings of a meter, within a minute',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        'auth-key': { type: 'string' },
        pattern: { type: 'string' },
        'register-map': { type: 'string' },
        address: { type: 'string' },
      },
    });
    const port = positionals[0] ?? onlyPort();
    const key = keyOf(values.key, 'key');
    const authenticationKey = keyOf(values['auth-key'], 'auth-key');
    const found = await detectLine(
      port,
      {
        standardOffsetMinutes: CENTRAL_EUROPE_MINUTES,
        ...(key ? { key } : {}),
        ...(authenticationKey ? { authenticationKey } : {}),
        ...(values.pattern === undefined ? {} : { pattern: values.pattern }),
        ...(values.address === undefined ? {} : { address: values.address }),
        ...(values['register-map'] === undefined ? {} : { registerMap: values['register-map'] }),
      },
      {
        onDoing: (doing) => console.error(`${doing} …`),
        onDown: (reason) => console.error(reason),
      },
    );
    if (found === 'nothing') {
      console.error(`${port}: no meter recognised; check cable, power and position of the head`);
      return 1;
    }
    print(port, found);
    return 0;
  },
};
