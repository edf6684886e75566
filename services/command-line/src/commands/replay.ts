import { openTransport } from '@wattbus/meter-simulator';
import { Log } from '@wattbus/nest-mqtt';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isCapture, readCapture, type CaptureChunk } from '../capture/capture-format.js';
import { inputForms } from '../capture/input-bytes.js';
import type { Command } from '../command.js';
import { readInput } from './input-file.js';

const options = {
  to: { type: 'string' },
  speed: { type: 'string', default: '1' },
} as const;

const speedMax = 1e6;

export const replay: Command = {
  name: 'replay',
  usage: 'FILE --to pty:PATH|tcp://HOST:PORT|- [--speed 1]',
  about: 'play a capture as the meter would send it, for a reader or for ingest',
  run: async (args) => {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error('give one FILE');
    if (values.to === undefined) throw new Error('--to is needed');
    const speed = Number(values.speed);
    if (!(speed > 0 && speed <= speedMax)) {
      throw new Error(`--speed must be more than 0 and at most ${speedMax}`);
    }
    const chunks = chunksOf(file, await readInput(file));
    const output = await openOutput(values.to);
    try {
      await output.ready();
      await play(chunks, speed, output.write);
      await output.end();
    } finally {
      await output.close();
    }
    console.error(`${chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)} bytes`);
    return 0;
  },
};

/** Files without times are played as a line of 9600 baud would carry them. */
const plainBytesPerMs = 0.96;
const plainChunkBytes = 64;

function chunksOf(file: string, content: Uint8Array): readonly CaptureChunk[] {
  if (isCapture(content)) {
    const capture = readCapture(Buffer.from(content).toString('latin1'));
    if ('refused' in capture) throw new Error(`${file}: ${capture.refused}`);
    return capture.chunks;
  }
  const forms = inputForms(file, content);
  if ('refused' in forms) throw new Error(`${file}: ${forms.refused}`);
  const bytes = forms[0]!;
  return Array.from({ length: Math.ceil(bytes.length / plainChunkBytes) }, (_, index) => ({
    atMs: (index * plainChunkBytes) / plainBytesPerMs,
    bytes: bytes.subarray(index * plainChunkBytes, (index + 1) * plainChunkBytes),
  }));
}

async function play(
  chunks: readonly CaptureChunk[],
  speed: number,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  for (const { atMs, bytes } of chunks) {
    const waitMs = startMs + atMs / speed - performance.now();
    if (waitMs > 0) await delay(waitMs);
    await write(bytes);
  }
}

interface Output {
  ready(): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** Lets the reader take what was written last. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** A pty forgets what was not read when it is closed, and does not say what was. */
const lastReadMs = 2000;

async function openOutput(to: string): Promise<Output> {
  if (to === '-') {
    const done = Promise.resolve();
    const write = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve) => {
        process.stdout.write(bytes, () => resolve());
      });
    return { ready: () => done, write, end: () => done, close: () => done };
  }
  if (!/^(?:pty:|tcp:\/\/)./.test(to))
    throw new Error('--to must be pty:PATH, tcp://HOST:PORT or -');
  const transport = await openTransport(to, new Log('replay', 'silent'));
  console.error(`playing at ${transport.address}`);
  return {
    ready: () => transport.reader(),
    write: (bytes) => transport.write(bytes),
    end: async () => {
      await delay(lastReadMs);
    },
    close: () => transport.close(),
  };
}
