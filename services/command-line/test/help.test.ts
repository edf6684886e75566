import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';

const main = new URL('../dist/main.js', import.meta.url).pathname;

function wattbus(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

describe('help of the command line', () => {
  test('lists every command with what it does', () => {
    const { status, stdout, stderr } = wattbus('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const name of ['decode', 'bill', 'import', 'doctor', 'secrets']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'));
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('tells the options of one', () => {
    const { status, stdout } = wattbus('bill', '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^usage: npx wattbus bill --tariff NAME\|FILE/);
  });

  test('points to itself where an option or a command does not exist', () => {
    const option = wattbus('bill', '--tarif', 'x');
    expect(option.status).toBe(2);
    expect(option.stderr).toMatch(/'--tarif'[\s\S]*npx wattbus bill --help/);
    const command = wattbus('bills');
    expect(command.status).toBe(2);
    expect(command.stderr).toMatch(/no command "bills"[\s\S]*COMMAND --help/);
  });
});
