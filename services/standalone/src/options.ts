import { parseArgs } from 'node:util';

/** What `npm start -- …` takes. */
export interface StandaloneOptions {
  readonly config?: string | undefined;
  /** A real meter's port; without one (and without meters in the configuration) a simulated one. */
  readonly port?: string | undefined;
  readonly protocol?: string | undefined;
  readonly host: string;
  readonly mqttPort?: number | undefined;
  readonly pagePort?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly help: boolean;
}

export const usage = `usage: npm start -- [OPTIONS]

  --port PORT        the meter: /dev/ttyUSB0, /dev/serial/by-id/… or tcp://host:port;
                     without it (and without wattbus.yaml) a simulated house is measured
  --protocol NAME    what the meter speaks (default: auto, it is found out)
  --host ADDRESS     where page and MQTT listen (default 127.0.0.1, this machine only);
                     beyond this machine everybody has to sign in
  --page-port N      port of the page (default 8080)
  --mqtt-port N      port of MQTT (default 1883)
  --data-dir DIR     where the journal and the history are kept (default .wattbus)
  --config FILE      configuration file (default wattbus.yaml, if it is there)
  --help             this text
`;

/** The options, or what is wrong with them. */
export function parseOptions(args: readonly string[]): StandaloneOptions | { fault: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        protocol: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        'page-port': { type: 'string' },
        'mqtt-port': { type: 'string' },
        'data-dir': { type: 'string' },
        config: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return {
      config: values.config,
      port: values.port,
      protocol: values.protocol,
      host: values.host,
      pagePort: portNumber('--page-port', values['page-port']),
      mqttPort: portNumber('--mqtt-port', values['mqtt-port']),
      dataDir: values['data-dir'],
      help: values.help,
    };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

function portNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new Error(`${flag} must be a port number, not "${text}"`);
}
