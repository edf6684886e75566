import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretOf } from './secret.js';

const file = join(mkdtempSync(join(tmpdir(), 'wattbus-secret-')), 'password');

describe('a secret', () => {
  test('is what stands in its file, without the line end; the file goes first', () => {
    writeFileSync(file, 'from the file\n');
    expect(secretOf({ passwordFile: file })).toBe('from the file');
    expect(secretOf({ password: 'given', passwordFile: file })).toBe('from the file');
    expect(secretOf({ password: 'given' })).toBe('given');
    expect(secretOf({})).toBeUndefined();
  });

  test('is never empty because its file is, or is not there', () => {
    writeFileSync(file, '\n');
    expect(() => secretOf({ passwordFile: file })).toThrow(`passwordFile ${file} is empty`);
    const missing = `${file}-missing`;
    expect(() => secretOf({ passwordFile: missing })).toThrow(
      `passwordFile ${missing} cannot be read: ENOENT`,
    );
  });
});
