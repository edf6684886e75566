import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../wait.js';

/** A broker that is not ours, as processes of this machine that listen on loopback only. */
export interface OtherBroker {
  /** The addresses of all its nodes, as in `mqtt.url`. */
  readonly url: string;
  /** For clients that are not a service: may publish and subscribe to everything. */
  readonly account: { readonly username: string; readonly password: string };
  readonly nodes: readonly BrokerNode[];
  /** The setting `mqtt.qosMax` that is good for it. */
  readonly qosMax: 0 | 1;
  /** The account of a service, as the environment of its process. */
  accountEnv(role: string): Record<string, string>;
  /** Ends all nodes and deletes their data. */
  stop(): Promise<void>;
}

export interface BrokerNode {
  readonly name: string;
  readonly url: string;
  /** As kill -9; the data stay. */
  kill(): Promise<void>;
  /** After a kill; not waited for. */
  launch(): void;
  /** Resolves once it takes part. */
  ready(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface NodeProcess {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Asked once it listens; without it that is enough. */
  readonly isReady?: () => Promise<boolean>;
}

/** What a node wrote last; shown when it does not come up. */
const OUTPUT_SHOWN_MAX = 4_000;
/** A node of a cluster asks the others for its tables first. */
const START_MS_MAX = 240_000;

/** Starts a node and waits until it takes part. */
export async function startNode(given: NodeProcess): Promise<BrokerNode> {
  const { name, port, command, args, env, isReady } = given;
  let child: ChildProcess;
  let output = '';
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const launch = (): void => {
    child = spawn(command, args, { env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (bytes: Buffer): void => {
      output = (output + bytes.toString('utf8')).slice(-OUTPUT_SHOWN_MAX);
    };
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
  };
  const ready = async (): Promise<void> => {
    const takesPart = async (): Promise<boolean> => {
      if (ended()) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`);
      return (await takesConnections(port)) && (isReady === undefined || (await isReady()));
    };
    await until(`${name} to take part`, takesPart, START_MS_MAX);
  };
  launch();
  await ready();
  return {
    name,
    url: `mqtt://127.0.0.1:${port}`,
    kill: async () => {
      if (ended()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    launch,
    ready,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

export const isInstalled = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
