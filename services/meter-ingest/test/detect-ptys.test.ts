import { afterAll, expect, test } from '@jest/globals';
import {
  benchMeters,
  BenchWire,
  LATENCY_MS,
  type BenchMeterKind,
  type Detected,
} from '@wattbus/meter-protocols';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectLine } from '../src/detect-line.js';
import { plugIn } from './pty.js';
import { watchRates } from './terminal-rates.js';

/**
 * The program that detects, on real terminals, in real time. `npm run trials:detect` runs a hundred
 * trials of each meter; here are a few, so that what opens and sets the port is tested, too.
 */
const trials = Number(process.env['DETECT_PTY_TRIALS'] ?? 1);
/** Not every meter with seed 1 can be found: one has most of its telegrams disturbed. */
const firstSeed = Number(process.env['DETECT_PTY_SEED'] ?? 2);
const atOnce = Number(process.env['DETECT_PTY_AT_ONCE'] ?? 40);
const shareMin = 0.95;
const trialMsMax = 90_000;
/** A machine that was busy elsewhere for so long has let bytes pile up, which no line does. */
const lateMsMax = 300;
const repeatsMax = 3;
/**
 * A pty takes no time to send, and the rate is known a little later than it is set: what was sent
 * around a change may have had the settings before it, as the acknowledgement of a new rate has.
 */
const sendMs = 25;

const folder = mkdtempSync(join(tmpdir(), 'wattbus-detect-'));
const rates = watchRates();
afterAll(() => {
  rates.stop();
  rmSync(folder, { recursive: true });
});

/** Bits, parity and stop bits as `9600 7E1`; a pty has eight and none, whatever is set. */
const formIn = /(\d)([NEO])(\d)(?!\d)/;
const parities = { N: 'none', E: 'even', O: 'odd' } as const;

const anyForm = { dataBits: 8, parity: 'none', stopBits: 1 } as const;

interface Trial {
  readonly kind: BenchMeterKind;
  readonly seed: number;
}

interface Outcome {
  readonly found: Detected | null;
  readonly ms: number;
  /** The longest time for which this process did not come to its turn. */
  readonly lateMs: number;
}

/** The meter at the far end hears and is heard as a UART with the settings of the near end would. */
async function detectOver({ kind, seed }: Trial): Promise<Outcome> {
  // Another program to be started here would hold up all other trials.
  const cable = plugIn(join(folder, `${benchMeters.indexOf(kind)}-${seed}`), { raw: false });
  const terminal = readlinkSync(cable.path);
  const wire = new BenchWire(kind.meterOf(seed));
  let startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  let settings: BenchMeterKind['settings'] = { ...anyForm, baudRate: 0 };
  let before = { settings, untilMs: -Infinity };
  const set = (changed: Partial<typeof settings>): void => {
    const next = { ...settings, ...changed };
    if (wanted(next) === wanted(settings)) return;
    if (nowMs() - before.untilMs > sendMs) before = { settings, untilMs: nowMs() };
    settings = next;
    wire.set(settings, nowMs());
  };
  rates.watch(terminal, (baudRate) => set({ baudRate }));
  cable.onSent((bytes) => {
    const sent = Uint8Array.from(bytes);
    const sentMs = nowMs();
    const old = sentMs - before.untilMs > sendMs ? settings : before.settings;
    setTimeout(() => {
      for (const [, one] of new Map([old, settings].map((each) => [wanted(each), each]))) {
        wire.send(sent, sentMs, one);
      }
    }, sendMs);
  });
  let heardMs = 0;
  let lateMs = 0;
  let isOpen = false;
  const ticker = setInterval(() => {
    if (!isOpen) return;
    const now = nowMs();
    lateMs = Math.max(lateMs, now - heardMs - LATENCY_MS);
    const bytes = wire.receive(heardMs, now);
    heardMs = now;
    if (bytes.length > 0) void cable.write(bytes).catch(() => undefined);
  }, LATENCY_MS);
  try {
    const { found } = await detectLine(cable.path, kind.options ?? { standardOffsetMinutes: 60 }, {
      onDoing: (doing) => {
        if (!isOpen) startMs = performance.now();
        isOpen = true;
        const form = formIn.exec(doing);
        if (!form) return;
        const dataBits = Number(form[1]) as 7 | 8;
        const stopBits = Number(form[3]) as 1 | 2;
        set({ dataBits, parity: parities[form[2] as keyof typeof parities], stopBits });
      },
    });
    return { found, ms: nowMs(), lateMs };
  } finally {
    clearInterval(ticker);
    rates.forget(terminal);
    cable.unplug();
  }
}

const isRight = ({ protocol, settings }: BenchMeterKind, found: Detected | null): boolean =>
  found?.protocol === protocol && wanted(found.settings) === wanted(settings);

const wanted = ({ baudRate, dataBits, parity, stopBits }: BenchMeterKind['settings']): string =>
  [baudRate, dataBits, parity, stopBits].join(' ');

test(
  `finds each of ${benchMeters.length} meters over a pty, ${trials} times`,
  async () => {
    const all = Array.from({ length: trials }, (_, index) => firstSeed + index).flatMap((seed) =>
      benchMeters.map((kind) => ({ kind, seed })),
    );
    const results = new Map(benchMeters.map(({ name }) => [name, { right: 0, longestMs: 0 }]));
    const wrong: string[] = [];
    let repeated = 0;
    const queue = all.values();
    const worker = async (): Promise<void> => {
      for (const trial of queue) {
        let outcome = await detectOver(trial);
        for (let left = repeatsMax; left > 0 && outcome.lateMs > lateMsMax; left -= 1) {
          repeated += 1;
          outcome = await detectOver(trial);
        }
        const { found, ms } = outcome;
        const result = results.get(trial.kind.name)!;
        result.longestMs = Math.max(result.longestMs, ms);
        if (isRight(trial.kind, found)) result.right += 1;
        else {
          const said = found && { ...found, telegrams: [], decoder: null };
          wrong.push(`${trial.kind.name}, seed ${trial.seed}: ${JSON.stringify(said)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    for (const [name, { right, longestMs }] of results) {
      const seconds = (longestMs / 1000).toFixed(1);
      process.stderr.write(`| ${name} | ${right} of ${trials} | ${seconds} s |\n`);
    }
    if (repeated > 0) {
      process.stderr.write(`${repeated} trials repeated: this machine was busy elsewhere\n`);
    }
    if (wrong.length > 0) process.stderr.write(`${wrong.join('\n')}\n`);
    for (const { right } of results.values()) {
      expect(right).toBeGreaterThanOrEqual(Math.floor(shareMin * trials));
    }
    expect(wrong.length).toBeLessThanOrEqual(Math.ceil((1 - shareMin) * all.length));
  },
  trials * repeatsMax * trialMsMax,
);
