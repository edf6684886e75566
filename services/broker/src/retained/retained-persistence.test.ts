import { describe, test } from '@jest/globals';
import assert from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFiles } from './retained-files.js';
import { RetainedPersistence } from './retained-persistence.js';
import { RetainedStore } from './retained-store.js';

/** What the published suite asks of a test runner; it was written for the one of Node. */
interface SuiteContext {
  readonly assert: object;
  plan(assertions: number): void;
  diagnostic(text: string): void;
}

interface Suite {
  /** The persistence has promises, not callbacks. */
  readonly testAsync: true;
  persistence(): Promise<unknown>;
  test(name: string, run: (context: SuiteContext) => Promise<void>): void;
}

const abstractPersistence = createRequire(import.meta.url)('aedes-persistence/abstract.js') as (
  suite: Suite,
) => void;

/** Counts assertions, because a plan that is not met is a failed test. */
function suiteContext(): { context: SuiteContext; check: () => void } {
  let made = 0;
  let planned: number | null = null;
  const counted = Object.fromEntries(
    (['equal', 'deepEqual', 'notEqual', 'notDeepEqual', 'ok', 'rejects'] as const).map((name) => [
      name,
      (...args: unknown[]) => {
        made += 1;
        return (assert[name] as (...given: unknown[]) => unknown)(...args);
      },
    ]),
  );
  return {
    context: {
      assert: counted,
      plan: (assertions) => (planned = assertions),
      diagnostic: () => undefined,
    },
    check: () =>
      assert.ok(planned === null || planned === made, `planned ${planned}, made ${made}`),
  };
}

describe('the published test suite of aedes-persistence', () => {
  abstractPersistence({
    testAsync: true,
    persistence: async () => {
      const directory = mkdtempSync(join(tmpdir(), 'wattbus-retained-'));
      const store = await RetainedStore.open(diskFiles, {
        directory,
        flushMs: 20,
        bytesMax: 1_048_576,
        onFault: (reason) => assert.equal(reason, null),
        onDamage: (message) => assert.fail(message),
      });
      const persistence = new RetainedPersistence(store, (topic) => assert.fail(topic));
      const destroy = persistence.destroy.bind(persistence);
      persistence.destroy = async () => {
        await destroy();
        rmSync(directory, { recursive: true });
      };
      return persistence;
    },
    test: (name, run) =>
      test(name, async () => {
        const { context, check } = suiteContext();
        await run(context);
        check();
      }),
  });
});
