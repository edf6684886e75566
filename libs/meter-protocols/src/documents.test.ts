import { describe, expect, test } from '@jest/globals';
import { metersMarkdown } from './documents.js';
import { protocols } from './protocols.js';

describe('the page of meters', () => {
  const page = metersMarkdown();

  test('has a row for every meter that a protocol names, and a section for every protocol', () => {
    for (const { name, meters } of protocols) {
      expect(page).toContain(`### ${name}\n`);
      for (const { meter, cable, gives } of meters) {
        expect(page).toContain(` | ${meter} | [${name}](#${name}) | ${cable} | ${gives} |`);
      }
    }
  });

  test('names countries, not their codes', () => {
    expect(page).toContain('| Germany |');
    expect(page).not.toMatch(/^\| [A-Z]{2}\b/m);
  });

  test('states line settings as people write them', () => {
    expect(page).toContain('115200 8N1, 9600 7E1');
  });
});
