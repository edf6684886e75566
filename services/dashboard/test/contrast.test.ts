import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';

const css = readFileSync(new URL('../page/page.css', import.meta.url), 'utf8');

function coloursOf(selector: string): Readonly<Record<string, string>> {
  const block = css.slice(css.indexOf(selector)).split('}')[0]!;
  return Object.fromEntries(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** WCAG 2.2: relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

const pairs = [
  ['text', 'background'],
  ['text', 'card'],
  ['text', 'warn-soft'],
  ['text', 'bad-soft'],
  ['text', 'raised'],
  ['quiet', 'background'],
  ['quiet', 'card'],
  ['quiet', 'sunken'],
  ['import', 'card'],
  ['import', 'import-soft'],
  ['export', 'card'],
  ['export', 'export-soft'],
  ['good', 'good-soft'],
  ['warn', 'warn-soft'],
  ['warn', 'card'],
  ['bad', 'bad-soft'],
  ['bad', 'card'],
] as const;

test.each([
  ['light', ':root {'],
  ['dark', ":root[data-theme='dark'] {"],
])('text has a contrast of at least 4.5 to 1 in the %s theme', (_, selector) => {
  const colours = coloursOf(selector);
  const weak = pairs
    .map(([one, other]) => [one, other, contrast(colours[one]!, colours[other]!)] as const)
    .filter(([, , ratio]) => !(ratio >= 4.5));
  expect(weak).toEqual([]);
});
