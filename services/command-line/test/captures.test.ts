import { describe, expect, test } from '@jest/globals';
import { isFault } from '@wattbus/energy-model';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { inputForms } from '../src/capture/input-bytes.js';
import { choiceOf } from '../src/commands/decode.js';
import { decodeWhole } from '../src/decode/decode-bytes.js';

/**
 * A capture becomes a test by putting it, redacted, into this folder. With UPDATE_EXPECTED=1 what
 * is decoded is written beside it, to be looked at before it is committed.
 */
const folder = new URL('../../../libs/meter-protocols/captures/', import.meta.url);
const update = process.env['UPDATE_EXPECTED'] === '1';
const captures = readdirSync(folder).filter((file) => file.endsWith('.txt'));
const options = { standardOffsetMinutes: 60 };

function decoded(file: string) {
  const forms = inputForms(file, readFileSync(new URL(file, folder)));
  if ('refused' in forms) throw new Error(`${file}: ${forms.refused}`);
  const choice = choiceOf(undefined, forms, options);
  return choice === null ? [] : decodeWhole(choice.protocol, options, choice.bytes);
}

describe('captures that were attached to a report', () => {
  test.each(captures)('%s decodes to what is written beside it', (file) => {
    const results = decoded(file);
    const expected = new URL(file.replace(/\.txt$/, '.json'), folder);
    if (update) writeFileSync(expected, `${JSON.stringify(results, null, 2)}\n`);
    if (!existsSync(expected)) throw new Error(`no ${expected.pathname}: set UPDATE_EXPECTED=1`);
    expect(results).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
  });

  test.each(captures)('%s names no meter', (file) => {
    for (const result of decoded(file)) {
      if (isFault(result)) continue;
      const serial = (result.meter.id ?? '').slice(-6);
      expect(serial).toMatch(/^\D*0*\d?\D*$/);
    }
  });

  test('there is one of every protocol that sends frames', () => {
    const protocols = new Set(captures.map((file) => decoded(file)[0]?.protocol));
    for (const name of ['dsmr', 'sml', 'iec62056-21', 'dlms', 'tic', 'mbus']) {
      expect(protocols).toContain(name);
    }
  });
});
