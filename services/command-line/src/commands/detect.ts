import type { Telegram } from '@wattbus/energy-model';
import {
  describeHeard,
  describeMap,
  describeSettings,
  measurementsOf,
  type Detected,
} from '@wattbus/meter-protocols';
import { detectLine, type LineDetection } from '@wattbus/meter-ingest';
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

function print(port: string, { protocol, settings, certainty, telegrams, bus }: Detected): void {
  console.log(`port       ${port}`);
  console.log(`protocol   ${protocol}`);
  console.log(`settings   ${describeSettings(settings)}`);
  console.log(`certainty  ${Math.round(certainty * 100)} %`);
  if (bus) {
    console.log(`address    ${bus.address}`);
    console.log(`map        ${describeMap(bus)}`);
  }
  const newest = telegrams.at(-1);
  if (newest) printReading(newest);
  else if (!bus) {
    console.log('reading    encrypted; ask the grid operator for the key (--key, --auth-key)');
  }
}

function printReading(telegram: Telegram): void {
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

/** Long enough for a meter that speaks once an hour. */
const secondsMax = 86_400;

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= secondsMax) return seconds;
  throw new Error(`--seconds must be from 1 to ${secondsMax}`);
}

/** Enough bursts to try the usual settings with. */
const burstsToTry = 6;
const secondsToTry = 300;

function unrecognised(port: string, seconds: number, heard: LineDetection['heard']): string {
  if (heard === null) {
    return `${port}: no meter recognised; check cable, power and position of the head`;
  }
  const next = Math.max(secondsToTry, 2 * seconds, burstsToTry * (heard.everyS ?? 0));
  return `${port}: ${describeHeard(heard)}, undecided; try --seconds ${Math.min(next, secondsMax)}`;
}

export const detect: Command = {
  name: 'detect',
  usage: '[PORT] [--key HEX] [--seconds 60]',
  about: 'find out protocol and line settings of a meter, within a minute or the given time',
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
        seconds: { type: 'string', default: '60' },
      },
    });
    const port = positionals[0] ?? onlyPort();
    const key = keyOf(values.key, 'key');
    const authenticationKey = keyOf(values['auth-key'], 'auth-key');
    const seconds = secondsOf(values.seconds);
    const { found, heard } = await detectLine(
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
        msMax: seconds * 1000,
        onDoing: (doing) => console.error(`${doing} …`),
        onDown: (reason) => console.error(reason),
      },
    );
    if (found === null) {
      console.error(unrecognised(port, seconds, heard));
      return 1;
    }
    print(port, found);
    return 0;
  },
};
