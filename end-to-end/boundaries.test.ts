import { ESLint } from 'eslint';
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';

const root = new URL('..', import.meta.url).pathname;

/** Rules that a source text would break if it stood at the path. */
async function broken(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await new ESLint({ cwd: root }).lintText(code, { filePath });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId);
}

const boundary = '@nx/enforce-module-boundaries';

describe('the fence between layers', () => {
  beforeAll(() => {
    // Without a project graph the rule on boundaries silently passes everything.
    execFileSync('npx', ['nx', 'show', 'projects'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
  });

  test.each([
    ['core to shell', 'libs/energy-model/src/bad.ts', '@wattbus/nest-mqtt', boundary],
    ['contract to shell', 'libs/mqtt-contract/src/bad.ts', '@wattbus/journal', boundary],
    ['shell to service', 'libs/journal/src/bad.ts', '@wattbus/analyzer', boundary],
    ['service to service', 'services/analyzer/src/bad.ts', '@wattbus/historian', boundary],
    ['core to mqtt', 'libs/tariffs/src/bad.ts', 'mqtt', 'no-restricted-imports'],
    ['domain to files', 'services/analyzer/src/domain/bad.ts', 'node:fs', 'no-restricted-imports'],
    ['analyzer to aedes', 'services/analyzer/src/bad.ts', 'aedes', 'no-restricted-imports'],
    ['historian to influx', 'services/historian/src/bad.ts', 'influx', 'no-restricted-imports'],
  ])('refuses %s', async (_name, filePath, imported, rule) => {
    const code = `import * as bad from '${imported}';\nconsole.log(bad);\n`;
    expect(await broken(filePath, code)).toContain(rule);
  });

  test('refuses a clock in core', async () => {
    const code = 'export const now = (): number => Date.now();\n';
    expect(await broken('libs/load-analysis/src/bad.ts', code)).toEqual(['no-restricted-syntax']);
  });

  test('lets a service import shells, the contract and core', async () => {
    const code =
      `import { topics } from '@wattbus/mqtt-contract';\n` +
      `import { quantities } from '@wattbus/energy-model';\n` +
      `import { Bus } from '@wattbus/nest-mqtt';\n` +
      `console.log(topics, quantities, Bus);\n`;
    expect(await broken('services/analyzer/src/good.ts', code)).toEqual([]);
  });
});
